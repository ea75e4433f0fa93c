// A ledger's state with stakes, nodes and validators, moved through block time by hand: for tests of what takes days.
import type { NodeRecord, SupplyRecord } from '../../types.js';
import { stateKeys } from '../../types.js';
import { checkSupply } from '../accounts/supply.js';
import { beginBlock } from '../beginBlock.js';
import { genesisState } from '../genesis.js';
import type { BlockContext } from '../operation.js';
import { parametersIn } from '../parameters/parameters.js';
import { policyPointer, policySetAt } from '../policySet/policySet.js';
import { Overlay } from '../state.js';
import { MemoryState } from '../memoryState.js';
import { nodeCommit } from './samplePayloads.js';
import { BPI, keyOf, START, testGenesis, validators } from './testGenesis.js';

export const OWNERS = ['node-operator', 'owner-a', 'owner-b'] as const;
/** Keys of the validators' accounts. */
export const VALIDATORS = validators.set.validators.map(({ ed25519PublicKey }) => ed25519PublicKey);

/** A network with an economy: validators and two more owners of nodes have accounts with stake. */
export function economyGenesis(changes: Parameters<typeof testGenesis>[0] = {}) {
  const plain = testGenesis();
  const staked = (name: string, publicKey: string, roles: ('node-operator' | 'validator')[]) => ({ name, publicKey, roles, balance: 1_000 * BPI, stake: 1_000 * BPI });
  return testGenesis({
    economy: { rewardPool: 10_000 * BPI, insuranceFund: 500 * BPI, parameters: {} },
    accounts: [
      ...plain.accounts,
      ...VALIDATORS.map((key, i) => staked(`validator-${i}`, key, ['validator'])),
      ...OWNERS.slice(1).map((name) => staked(name, keyOf(name).publicKey, ['node-operator'])),
    ],
    ...changes,
  });
}

export class EconomyWorld {
  readonly state: Overlay;
  block: BlockContext;

  constructor(readonly genesis = economyGenesis()) {
    const memory = new MemoryState(genesisState(genesis));
    this.state = new Overlay(memory);
    const pointer = policyPointer(memory);
    this.block = {
      genesis,
      height: 1,
      timestamp: START + 1_000,
      previousTimestamp: START,
      previousHash: '00'.repeat(32),
      parameters: parametersIn(this.state, genesis),
      policy: { pointer, set: policySetAt(memory, pointer.policyHeight)! },
    };
  }

  /** The next block, so much later. Throws what a due item threw. */
  advance(ms: number): void {
    const { timestamp, height } = this.block;
    this.block = {
      ...this.block,
      height: height + 1,
      previousTimestamp: timestamp,
      timestamp: timestamp + ms,
      parameters: parametersIn(this.state, this.genesis),
    };
    for (const { error } of beginBlock(this.state, this.block).faults) throw error;
  }

  /** A committed node without its ceremony. */
  commitNode(name: string, owner: string): void {
    const commitment = nodeCommit('eu-1', { name });
    const { region, zone, cpuMillis, memoryBytes, storageBytes, networkBandwidth, pods } = commitment;
    this.state.write(stateKeys.node(name), {
      name,
      region,
      zone,
      labels: {},
      taints: [],
      capacity: { cpuMillis, memoryBytes, storageBytes, networkBandwidth, pods },
      allocated: { cpuMillis: 0, memoryBytes: 0, storageBytes: 0, pods: 0 },
      ready: true,
      commitment,
      operator: keyOf(owner).publicKey,
      height: this.block.height,
    } satisfies NodeRecord);
  }

  get supply(): SupplyRecord {
    return this.state.read<SupplyRecord>(stateKeys.supply)!;
  }

  isConserved(): boolean {
    return checkSupply(this.state).ok;
  }
}
