// What a check is: it gathers the recorded facts of one request, or says that the request is not its concern.
import type { ChainClient } from '../../chain/client/types.js';
import type { AdmissionFacts } from '../../policy/types.js';
import type { AdmissionRequest } from '../admission/review.js';

export interface CheckContext {
  client: ChainClient;
  /** Labels of a namespace as the API server has them; rejects when it cannot be told. */
  namespaceLabels(name: string): Promise<Record<string, string>>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** User under which the operator writes status. */
  operatorUser: string;
}

export type FactsOrNone = AdmissionFacts | null;
export type Check = (request: AdmissionRequest, context: CheckContext) => Promise<FactsOrNone>;
export type Mutation = (request: AdmissionRequest, context: CheckContext) => Promise<unknown[]>;

type Given = Pick<AdmissionFacts, 'object'> & Partial<AdmissionFacts>;

/** Complete facts from what the check knows; the rest is empty. */
export function factsOf(request: AdmissionRequest, context: CheckContext, given: Given): AdmissionFacts {
  return {
    operation: request.operation,
    time: context.now(),
    requestUid: request.uid,
    user: request.user,
    cluster: null,
    namespace: { name: request.namespace, labels: {} },
    workload: null,
    data: null,
    pod: null,
    guards: [],
    ...given,
  };
}
