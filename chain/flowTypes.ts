// The payload of a recorded flow decision.
import type { FlowRequest } from '../policy/trafficLight/evaluateFlow.js';
import type { Verdict } from '../policy/types.js';

export interface FlowPayloads {
  /** The verdict must be what the request gives under the policy set of its height; its receipt is the decision's. */
  'flow.decision': { request: FlowRequest; verdict: Verdict };
}
