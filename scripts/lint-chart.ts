// make lint-chart: helm lint, the rendered chart against three Kubernetes versions' schemas, and checkov, for the default values and each set in charts/lint/values.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBinaries } from '../e2e/cluster/build/ensureBinaries.js';
import { checkout } from '../e2e/cluster/checkout.js';
import { goEnvironment, programEnvironment, providerContext } from '../e2e/cluster/config.js';
import { runCommand, tryCommand } from '../e2e/cluster/shell/runCommand.js';
import { schemasOf, type OpenApi } from './kubernetesSchemas.js';

const VERSIONS = ['1.35.4', '1.36.3', '1.37.2'];
const CHECKOV = '3.2.500';
const WITHIN_MS = 600_000;
const chart = path.join(checkout, 'charts/mainnet');
const lint = path.join(checkout, 'charts/lint');
const context = providerContext({ log: console.log });
const environment = programEnvironment();

/** Out of Kubernetes' own module: its OpenAPI document. */
async function schemas(version: string): Promise<string> {
  const folder = path.join(context.cacheDir, 'schemas', `v${version}`);
  if (existsSync(path.join(folder, 'pod-v1.json'))) return folder;
  const text = await runCommand('go', ['mod', 'download', '-json', `k8s.io/kubernetes@v${version}`], { environment: goEnvironment(), timeoutMs: WITHIN_MS, cwd: checkout });
  const { Dir } = JSON.parse(text) as { Dir: string };
  const files = schemasOf(JSON.parse(readFileSync(path.join(Dir, 'api/openapi-spec/swagger.json'), 'utf8')) as OpenApi);
  mkdirSync(folder, { recursive: true });
  for (const [file, schema] of files) writeFileSync(path.join(folder, file), JSON.stringify(schema));
  return folder;
}

/** From its package, into a virtual environment in the cache. */
async function checkov(): Promise<string> {
  const folder = path.join(context.cacheDir, `checkov-${CHECKOV}`);
  const program = path.join(folder, 'bin/checkov');
  if (existsSync(program)) return program;
  console.log(`installing checkov ${CHECKOV}`);
  await runCommand('python3', ['-m', 'venv', folder], { timeoutMs: WITHIN_MS, environment: goEnvironment() });
  await runCommand(path.join(folder, 'bin/pip'), ['install', '-q', `checkov==${CHECKOV}`], { timeoutMs: WITHIN_MS, environment: goEnvironment() });
  return program;
}

const { helm, kubeconform } = await ensureBinaries(['helm', 'kubeconform'], context);
const sets = [undefined, ...readdirSync(path.join(lint, 'values')).toSorted().map((file) => path.join(lint, 'values', file))];
const rendered = path.join(context.cacheDir, 'rendered');
mkdirSync(rendered, { recursive: true });
let failed = false;
const check = async (what: string, command: string, arguments_: string[]): Promise<void> => {
  const { code, stdout, stderr } = await tryCommand(command, arguments_, { environment, timeoutMs: WITHIN_MS });
  console.log(`${code === 0 ? 'passed' : 'FAILED'}  ${what}`);
  if (code === 0) return;
  failed = true;
  console.log(`${stdout}\n${stderr}`.trim());
};
for (const values of sets) {
  const name = values === undefined ? 'default values' : path.basename(values);
  const given = values === undefined ? [] : ['-f', values];
  await check(`helm lint --strict, ${name}`, helm!, ['lint', '--strict', chart, '--namespace', 'enc-system', '--kube-version', VERSIONS.at(-1)!, ...given]);
  for (const version of VERSIONS) {
    const text = await runCommand(helm!, ['template', 'mainnet', chart, '--namespace', 'enc-system', '--kube-version', version, ...given], { environment });
    const file = path.join(rendered, `${path.basename(values ?? 'default', '.yaml')}-${version}.yaml`);
    writeFileSync(file, text);
    const folder = await schemas(version);
    // Kinds of other projects have no schema here; they are named, not passed silently.
    const foreign = 'CustomResourceDefinition,PodMonitor,PrometheusRule,Certificate';
    await check(`kubeconform ${version}, ${name}`, kubeconform!, ['-strict', '-kubernetes-version', version, '-skip', foreign, '-schema-location', `${folder}/{{.ResourceKind}}{{.KindSuffix}}.json`, file]);
    if (version === VERSIONS.at(-1)) await check(`checkov, ${name}`, await checkov(), ['-f', file, '--framework', 'kubernetes', '--compact', '--quiet', '--skip-download', '--config-file', path.join(lint, 'checkov.yaml')]);
  }
}
process.exitCode = failed ? 1 : 0;
