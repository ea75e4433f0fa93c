// What is known about an EncCluster: its registration, the chain's height and signers, and the committed nodes that it selects.
import type { EncCluster, ValidatorStatus } from '../../api/index.js';
import type { ChainClient } from '../../chain/client/types.js';
import type { NodeRecord, PolicySetMember } from '../../chain/types.js';
import { selects } from '../../policy/labelSelector.js';
import type { PolicySetReader } from '../ledger/policySetReader.js';
import type { Refused } from '../ledger/refusalMemory.js';
import type { ValidatorWatch } from './validatorWatch.js';

export interface SeenEncCluster {
  object: EncCluster;
  member: PolicySetMember | undefined;
  policyHeight: number;
  refused: Refused | undefined;
  chainId: string;
  height: number;
  validators: ValidatorStatus[];
  /** No block came for longer than blocks can take. */
  stalled: boolean;
  nodes: { total: number; ready: number };
}

export interface EncClusterSources {
  client: ChainClient;
  policies: PolicySetReader;
  validators: ValidatorWatch;
}

export async function gather(
  { client, policies, validators }: EncClusterSources,
  object: EncCluster,
  refused: (policyHeight: number) => Refused | undefined,
  minHeight?: number,
): Promise<SeenEncCluster> {
  const { member, policyHeight } = await policies.member('EncCluster', object.metadata.name, minHeight);
  const records = (await client.listState<NodeRecord>('node/')).map(({ value }) => value);
  const selected = records.filter(({ labels }) => selects(object.spec.nodeSelector, labels));
  return {
    object,
    member,
    policyHeight,
    refused: refused(policyHeight),
    chainId: client.chainId,
    height: client.head().height,
    validators: validators.status(),
    stalled: validators.stalled(),
    nodes: { total: selected.length, ready: selected.filter(({ ready }) => ready).length },
  };
}
