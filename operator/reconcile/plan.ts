// What a pass is going to do, as data: decided without side effects, carried out step by step until one is refused.
import type { Payloads, TransactionType } from '../../chain/types.js';
import type { FinalisedResult } from '../../chain/client/types.js';
import type { KubeObject, ResourceType } from '../runtime/kubeObject.js';

export type TransactionStep = {
  /** `alone`: a refusal of it keeps nothing after it from being done. */
  [T in TransactionType]: { do: 'transaction'; type: T; payload: Payloads[T]; alone?: true };
}[TransactionType];

export type Step =
  | TransactionStep
  | { do: 'addFinalizer' }
  /** The last step: the object is gone after it. */
  | { do: 'dropFinalizer' }
  | { do: 'apply'; resource: ResourceType; object: KubeObject; live: KubeObject | undefined }
  | { do: 'delete'; resource: ResourceType; object: KubeObject };

export interface Plan {
  steps: Step[];
  /** Why there are no steps, or what is waited for. */
  why: string;
  againMs?: number;
}

export const quiet = (why: string, againMs?: number): Plan => ({ steps: [], why, ...(againMs === undefined ? {} : { againMs }) });
export const transaction = <T extends TransactionType>(type: T, payload: Payloads[T]) =>
  ({ do: 'transaction', type, payload }) as unknown as TransactionStep;

export interface Outcome {
  /** What was changed, for the receipt; empty when every step found things as wanted. */
  actions: string[];
  /** The ledger's answers, in order; the last may be a refusal. */
  results: FinalisedResult[];
  refused: FinalisedResult | undefined;
  /** Children as they are after being applied, by uid. */
  applied: KubeObject[];
  /** The object is gone. */
  released: boolean;
}
