// Reads the members of the current policy set with their proof; a set is immutable, so each is read once.
import { LRUCache } from 'lru-cache';
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type PolicySetMember, type PolicySetPointer, type PolicySetRecord } from '../../chain/types.js';

class LedgerReadError extends Error {
  readonly code = 'IncompleteState';
}

export class PolicySetReader {
  readonly #records = new LRUCache<number, PolicySetRecord>({ max: 16 });

  constructor(private readonly client: ChainClient) {}

  /** Of a state at least `minHeight` high. */
  async current(minHeight?: number): Promise<PolicySetRecord> {
    const options = minHeight === undefined ? {} : { minHeight };
    const { value: pointer } = await this.client.getState<PolicySetPointer>(stateKeys.currentPolicySet, options);
    if (!pointer) throw new LedgerReadError(`the ledger has no record ${stateKeys.currentPolicySet}`);
    const known = this.#records.get(pointer.policyHeight);
    if (known) return known;
    const { value: record } = await this.client.getState<PolicySetRecord>(stateKeys.policySet(pointer.policyHeight), options);
    if (!record) throw new LedgerReadError(`the ledger has no record ${stateKeys.policySet(pointer.policyHeight)}`);
    this.#records.set(record.policyHeight, record);
    return record;
  }

  async member(
    kind: PolicySetMember['kind'],
    name: string,
    minHeight?: number,
  ): Promise<{ member: PolicySetMember | undefined; policyHeight: number }> {
    const { members, policyHeight } = await this.current(minHeight);
    return { member: members.find((member) => member.kind === kind && member.name === name), policyHeight };
  }
}
