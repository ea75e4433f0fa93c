{{- define "mainnet.name" -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- end }}

{{- define "mainnet.labels" -}}
app.kubernetes.io/name: mainnet
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* {root, component}: what selects the pods of one component */}}
{{- define "mainnet.selector" -}}
app.kubernetes.io/name: mainnet
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "mainnet.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest }}{{ printf "%s@%s" $image.repository $image.digest }}{{ else }}{{ printf "%s:%s" $image.repository ($image.tag | default .Chart.AppVersion) }}{{ end -}}
{{- end }}

{{/* The name under which every member's pod is found, ready or not. */}}
{{- define "mainnet.members" -}}{{ include "mainnet.name" . }}-members{{- end }}
{{- define "mainnet.host" -}}{{ printf "%s.%s.%s.svc" .pod (include "mainnet.members" .root) .root.Release.Namespace }}{{- end }}

{{/* The account of nodes' own agents, as the API server names it. */}}
{{- define "mainnet.offerer" -}}system:serviceaccount:{{ .Release.Namespace }}:{{ include "mainnet.name" . }}-node-offer{{- end }}

{{- define "mainnet.endpoints" -}}
{{- $root := . -}}
{{- $urls := list -}}
{{- range $i := until (int .Values.validators.replicas) -}}
{{- $urls = append $urls (printf "http://%s:%d" (include "mainnet.host" (dict "root" $root "pod" (printf "%s-validator-%d" (include "mainnet.name" $root) $i))) (int $root.Values.ports.api)) -}}
{{- end -}}
{{- join "," $urls -}}
{{- end }}

{{- define "mainnet.maxWebhooks" -}}
{{- $w := .Values.webhooks -}}
{{- if $w.autoscaling.enabled }}{{ max (int $w.autoscaling.maxReplicas) (int $w.replicas) }}{{ else }}{{ int $w.replicas }}{{ end -}}
{{- end }}

{{/* settings.json: who takes part in the ceremony and where each is reached. */}}
{{- define "mainnet.settings" -}}
{{- $root := . -}}
{{- $name := include "mainnet.name" . -}}
{{- $validators := list -}}
{{- range $i := until (int .Values.validators.replicas) -}}
{{- $pod := printf "%s-validator-%d" $name $i -}}
{{- $validators = append $validators (dict "name" $pod "host" (include "mainnet.host" (dict "root" $root "pod" $pod))) -}}
{{- end -}}
{{- range .Values.validators.external -}}{{- $validators = append $validators . -}}{{- end -}}
{{- $accounts := list -}}
{{- range $i := until (int .Values.operator.replicas) -}}
{{- $pod := printf "%s-operator-%d" $name $i -}}
{{- $accounts = append $accounts (merge (dict "name" $pod "roles" (list "operator") "host" (include "mainnet.host" (dict "root" $root "pod" $pod))) $root.Values.accounts.operator) -}}
{{- end -}}
{{- range $i := until (int (include "mainnet.maxWebhooks" .)) -}}
{{- $pod := printf "%s-webhooks-%d" $name $i -}}
{{- $accounts = append $accounts (merge (dict "name" $pod "roles" (list "webhook") "host" (include "mainnet.host" (dict "root" $root "pod" $pod))) $root.Values.accounts.webhook) -}}
{{- end -}}
{{- $agent := printf "%s-node-agent-0" $name -}}
{{- $accounts = append $accounts (merge (dict "name" $agent "roles" (list "node-operator") "host" (include "mainnet.host" (dict "root" $root "pod" $agent))) $root.Values.accounts.nodeOperator) -}}
{{- range .Values.accounts.more -}}{{- $accounts = append $accounts . -}}{{- end -}}
{{- $ports := dict "api" (int .Values.ports.api) "metrics" (int .Values.ports.metrics) "peer" (int .Values.ports.peer) "ceremony" (int .Values.ports.ceremony) -}}
{{- $settings := dict "chainId" .Values.chain.id "agreementHash" .Values.chain.agreementHash "blockTimeMs" (int .Values.chain.blockTimeMs) "finalityThreshold" (int .Values.chain.finalityThreshold) "ports" $ports "validators" $validators "accounts" $accounts -}}
{{- include "mainnet.wholeNumbers" $settings -}}
{{- end }}

{{/* Helm reads large whole numbers as floats and would print 1e+12. */}}
{{- define "mainnet.wholeNumbers" -}}
{{- $accounts := list -}}
{{- range .accounts -}}{{- $accounts = append $accounts (merge (dict "balance" (int64 .balance) "stake" (int64 .stake)) .) -}}{{- end -}}
{{- $validators := list -}}
{{- range .validators -}}{{- if hasKey . "peerPort" -}}{{- $validators = append $validators (merge (dict "peerPort" (int .peerPort)) .) -}}{{- else -}}{{- $validators = append $validators . -}}{{- end -}}{{- end -}}
{{- merge (dict "accounts" $accounts "validators" $validators) . | toPrettyJson -}}
{{- end }}

{{- define "mainnet.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
# Kept as they are after the first mount: key files must stay readable by their owner alone.
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}
{{- define "mainnet.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* {root, values}: where a component's pods may run */}}
{{- define "mainnet.placement" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* {root, component, antiAffinity}: no two of a component on one node, or as far as possible; spread over zones */}}
{{- define "mainnet.spread" -}}
affinity:
  podAntiAffinity:
  {{- if eq (.antiAffinity | default "preferred") "required" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- include "mainnet.selector" . | nindent 12 }}
  {{- else }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {{- include "mainnet.selector" . | nindent 14 }}
  {{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: {{ .topologyKey | default "topology.kubernetes.io/zone" }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "mainnet.selector" . | nindent 8 }}
{{- end }}

{{/* {root, kind, mountToken}: the init container that makes the pod's key and waits for the genesis */}}
{{- define "mainnet.join" -}}
- name: join
  image: {{ include "mainnet.image" .root }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args:
    - cluster
    - join
    - --settings=/settings/settings.json
    - --config-map={{ .root.Release.Namespace }}/{{ include "mainnet.name" .root }}-genesis
    - --home=/data
    - --name=$(POD_NAME)
    - --kind={{ .kind }}
    - --timeout={{ .root.Values.genesis.timeoutSeconds }}
  env:
    - name: POD_NAME
      valueFrom: { fieldRef: { fieldPath: metadata.name } }
  ports:
    - { name: ceremony, containerPort: {{ .root.Values.ports.ceremony }} }
  resources: {{- toYaml .root.Values.genesis.resources | nindent 4 }}
  securityContext: {{- include "mainnet.containerSecurity" .root | nindent 4 }}
  volumeMounts:
    - { name: data, mountPath: /data }
    - { name: settings, mountPath: /settings, readOnly: true }
    {{- if .mountToken }}
    - { name: token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true }
    {{- end }}
{{- end }}

{{- define "mainnet.settingsVolume" -}}
- name: settings
  configMap: { name: {{ include "mainnet.name" . }}-settings }
{{- end }}

{{/* {size, className} */}}
{{- define "mainnet.claim" -}}
- metadata: { name: data }
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .className }}
    storageClassName: {{ . }}
    {{- end }}
    resources: { requests: { storage: {{ .size }} } }
{{- end }}

{{/* {root, file, role, kind}: the rules of a ClusterRole, or of a Role, in config/rbac, the one source for every way to install */}}
{{- define "mainnet.rulesOf" -}}
{{- $role := .role -}}
{{- $kind := .kind | default "ClusterRole" -}}
{{- range splitList "\n---\n" (.root.Files.Get (printf "files/rbac/%s.yaml" .file)) -}}
{{- $object := fromYaml . -}}
{{- if and (eq (default "" $object.kind) $kind) (eq $object.metadata.name $role) -}}
{{- toYaml $object.rules -}}
{{- end -}}
{{- end -}}
{{- end }}
