// Generated from crds/ by scripts/generate-types.ts; do not edit.

import type { ObjectMeta } from '../objectMeta.js';
import type { Classification, Condition, Light, OperationType, ReceiptReference, Region } from './shared.js';

/** A Deployment or Job whose pods run only where a quorum of validators certified that their data may be processed (agreement 1). */
export interface Workload {
  apiVersion: 'enc.metanode.io/v1alpha1';
  kind: 'Workload';
  metadata: ObjectMeta & { namespace: string };
  spec: WorkloadSpec;
  status?: WorkloadStatus;
}

export interface WorkloadSpec {
  /**
   * Name of the EncCluster it runs in.
   */
  clusterRef: string;
  /**
   * What is made of the template; it cannot be changed.
   */
  kind: 'Deployment' | 'Job';
  /**
   * Pods of a Deployment, or completions (all in parallel) of a Job.
   */
  replicas: number;
  /**
   * A PodTemplateSpec; labels, annotations and scheduler name are completed by the operator.
   */
  template: PodTemplate;
  /**
   * Class of data, from the least to the most sensitive.
   */
  dataClassification: Classification;
  /**
   * A region of data or of processing; Global matches every region where a policy or rule names it.
   */
  dataRegion: Region;
  /**
   * Regions the data is sent to, besides where it is processed.
   *
   * @maxItems 4
   */
  destinationRegions: Region[];
  /**
   * What is done with the data.
   */
  operationType: OperationType;
  /**
   * Regulations the data is under.
   */
  regulatoryContext: RegulatoryContext;
  /**
   * Names of the Agreements the data is processed under.
   *
   * @maxItems 32
   */
  agreementRefs: string[];
}

export interface WorkloadStatus {
  /**
   * As on the ledger (agreement 1.3).
   */
  state?: 'Pending' | 'Scheduled' | 'Running' | 'Completed' | 'Failed' | 'Slashed';
  /**
   * Green allows, Yellow allows with obligations, Red refuses.
   */
  light?: Light;
  /**
   * Why it is where it is, or why it is not running.
   */
  message?: string;
  /**
   * Pods that exist.
   */
  replicas?: number;
  /**
   * Pods that are ready.
   */
  readyReplicas?: number;
  /**
   * The certified placement of each pod (agreement 1.1), at most the newest hundred.
   *
   * @maxItems 100
   */
  decisions?: WorkloadDecision[];
  observedGeneration?: number;
  /**
   * The newest receipt about this object.
   */
  latestReceipt?: ReceiptReference;
  /**
   * @maxItems 16
   */
  conditions?: Condition[];
}

export interface PodTemplateMetadata {
  labels?: {
    [k: string]: string;
  };
  annotations?: {
    [k: string]: string;
  };
}

export interface PodTemplateContainer {
  name: string;
  image: string;
  [k: string]: unknown;
}

export interface PodTemplatePodSpec {
  /**
   * Never allowed; pods are placed by consensus.
   */
  nodeName?: string;
  schedulerName?: string;
  nodeSelector?: {
    [k: string]: string;
  };
  /**
   * @minItems 1
   * @maxItems 64
   */
  containers: PodTemplateContainer[];
  [k: string]: unknown;
}

export interface PodTemplate {
  metadata?: PodTemplateMetadata;
  /**
   * A PodSpec; the API server checks it when the Deployment or Job is made.
   */
  spec: PodTemplatePodSpec;
}

export interface RegulatoryContext {
  /**
   * For instance GDPR or PCI-DSS.
   *
   * @maxItems 32
   */
  regulations: string[];
  /**
   * Ground on which the data is processed (GDPR Art. 6 names these).
   */
  lawfulBasis?: 'consent' | 'contract' | 'legal-obligation' | 'vital-interests' | 'public-task' | 'legitimate-interests';
}

export interface WorkloadDecision {
  pod: string;
  uid: string;
  node: string;
  /**
   * Block that holds the decision.
   */
  height: number;
  /**
   * Receipt of the placement, 32 bytes hex.
   */
  receiptId: string;
}
