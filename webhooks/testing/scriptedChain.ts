// A ChainClient for tests, in memory: its policy set and records are the test's, and so is what validators say to a submission.
import { hashOfJson } from '../../chain/client/hashOfJson.js';
import { ChainError } from '../../chain/client/chainError.js';
import type { ChainClient, Submission, VerifiedState } from '../../chain/client/types.js';
import { stateKeys, type Payloads, type SchedulingDecision, type TransactionType, type WorkloadRecord } from '../../chain/types.js';
import { evaluate } from '../../policy/evaluate.js';
import type { PolicySet } from '../../policy/types.js';

type Verdict = Payloads['admission.verdict'];

export class ScriptedChain implements ChainClient {
  readonly chainId = 'enc-test';
  readonly verdicts: (Verdict & { receiptId: string })[] = [];
  readonly records = new Map<string, unknown>();
  policies: PolicySet;
  /** What validators judge by, when it is not (yet) what this client has. */
  validatorsPolicies: PolicySet | undefined;
  /** How the next submissions fail, one after another. */
  readonly failures: unknown[] = [];

  constructor(policies: PolicySet) {
    this.policies = policies;
  }

  policySet(): PolicySet {
    return this.policies;
  }

  place(decision: Pick<SchedulingDecision, 'pod' | 'targetNode'>): void {
    this.records.set(stateKeys.decision(decision.pod.uid), { state: 'Scheduled', specHash: 'ab'.repeat(32), ...decision });
  }
  register(workload: Pick<WorkloadRecord, 'namespace' | 'name' | 'uid' | 'data'>): void {
    this.records.set(stateKeys.workload(workload.namespace, workload.name), workload);
  }

  /** As validators do: the verdict must be what its facts give. */
  async submit<T extends TransactionType>(type: T, payload: Payloads[T]): Promise<Submission> {
    if (this.failures.length > 0) throw this.failures.shift();
    if (type !== 'admission.verdict') throw new Error(`the webhooks submit no ${type}`);
    const { facts, verdict } = payload as Verdict;
    const own = evaluate(this.validatorsPolicies ?? this.policies, facts);
    if (hashOfJson(own) !== hashOfJson(verdict)) {
      const refusal = { code: 'VerdictMismatch', message: `verdict.decision is ${verdict.decision}` };
      throw new ChainError('Refused', `validators refused: ${refusal.message}`, { refusal });
    }
    const receiptId = hashOfJson(payload);
    this.verdicts.push({ facts, verdict, receiptId });
    return { receiptId, operationId: '', acknowledgements: [], finalised: () => Promise.reject(new Error('nobody waits for it')) };
  }

  async getState<T>(key: string): Promise<VerifiedState<T>> {
    return { value: this.records.get(key) as T | undefined, height: 1 };
  }

  start = async (): Promise<void> => undefined;
  stop = async (): Promise<void> => undefined;
  head = (): never => this.#unused('head');
  listState = (): never => this.#unused('listState');
  onBlock = (): never => this.#unused('onBlock');
  receipt = (): never => this.#unused('receipt');
  history = (): never => this.#unused('history');
  receiptsFor = (): never => this.#unused('receiptsFor');
  #unused(what: string): never {
    throw new Error(`the webhooks do not use ${what}`);
  }
}
