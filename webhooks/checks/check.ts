// What a check is: it gathers the recorded facts of one request, or says that the request is not its concern.
import type { ChainClient } from '../../chain/client/types.js';
import type { AdmissionFacts } from '../../policy/types.js';
import { guard } from '../../policy/violation.js';
import type { AdmissionRequest } from '../admission/review.js';
import type { PersonalNames } from '../personal/personalNames.js';
import type { PlacementBook } from '../placementBook.js';

export interface CheckContext {
  client: ChainClient;
  placements: Pick<PlacementBook, 'soon'>;
  /** What receipts say instead of a person's name. */
  persons: Pick<PersonalNames, 'standIn'>;
  /** Labels of a namespace as the API server has them; rejects when it cannot be told. */
  namespaceLabels(name: string): Promise<Record<string, string>>;
  /** Of a pod as the API server has it now; undefined when there is none. */
  podUid(namespace: string, name: string): Promise<string | undefined>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** User under which the operator writes status. */
  operatorUser: string;
}

export type FactsOrNone = AdmissionFacts | null;
export type Check = (request: AdmissionRequest, context: CheckContext) => Promise<FactsOrNone>;
export type Mutation = (request: AdmissionRequest, context: CheckContext) => Promise<unknown[]>;

/** Pure: what a person should know about a request that is allowed. */
export type Warn = (request: AdmissionRequest, context: CheckContext) => string[];

/** What a verdict's record holds. */
const MAX_GUARDS = 64;

type Given = Pick<AdmissionFacts, 'object'> & Partial<AdmissionFacts>;

function limited(guards: AdmissionFacts['guards']): AdmissionFacts['guards'] {
  if (guards.length <= MAX_GUARDS) return guards;
  const rest = guards.length - MAX_GUARDS + 1;
  return [...guards.slice(0, MAX_GUARDS - 1), guard('More', `${rest} more things are wrong`, 'cure the others first')];
}

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
    ...given,
    guards: limited(given.guards ?? []),
  };
}
