// The trial network's arbitrators, as people would act: they register, and whoever is drawn commits to a ballot and reveals it.
import { existsSync } from 'node:fs';
import { createChainClient } from '../../chain/client/chainClient.js';
import { loadKeyFile } from '../../chain/client/keyFile.js';
import type { ChainClient, FinalisedResult } from '../../chain/client/types.js';
import { ballotCommitment } from '../../chain/courtBallot.js';
import type { ArbitratorRecord, Ballot, CaseRecord } from '../../chain/courtTypes.js';
import { genesisParameters } from '../../chain/ledger/parameters/parameters.js';
import type { Genesis, Payloads, TransactionType } from '../../chain/types.js';
import { sha256Hex } from '../../crypto/hash.js';
import type { Layout } from '../stack/layout.js';

const LOOK_MS = 150;
const FINAL_WITHIN_MS = 30_000;
/** A dispute that the operator brings later than a slash can be appealed opens no case. */
const OPEN_WITHIN_MS = 30_000;

/** Sends as the account of a key file. Throws with the ledger's reason when it refuses. */
export async function sendAs<T extends TransactionType>(
  { endpoints, genesis, key }: { endpoints: string[]; genesis: Genesis; key: { publicKey: string; privateKey: string } },
  type: T,
  payload: Payloads[T],
): Promise<FinalisedResult> {
  const client = createChainClient({ endpoints, genesis, key });
  await client.start();
  try {
    const result = await (await client.submit(type, payload)).finalised(FINAL_WITHIN_MS);
    if (result.outcome !== 'applied') throw new Error(`${type}: ${result.code}: ${result.reason}`);
    return result;
  } finally {
    await client.stop();
  }
}

export class Arbitrators {
  readonly #keys: { publicKey: string; privateKey: string }[];

  constructor(
    private readonly layout: Layout,
    private readonly genesis: Genesis,
    private readonly reader: ChainClient,
  ) {
    const names = genesis.accounts.map(({ name }) => name).filter((name) => name.startsWith('arbitrator-'));
    this.#keys = names.map((name) => layout.keyFile(name)).filter(existsSync).map(loadKeyFile);
  }

  /** Once for each, and again for those whose bond a missed ballot has lessened; a telling that finds them all has nothing to do. */
  async register(): Promise<void> {
    const { arbitratorBond } = genesisParameters(this.genesis);
    const known = new Set((await this.reader.listState<ArbitratorRecord>('arbitrator/')).flatMap(({ value: { account, bond } }) => (bond >= arbitratorBond ? [account] : [])));
    const missing = this.#keys.filter(({ publicKey }) => !known.has(publicKey));
    await Promise.all(missing.map((key) => this.#send(key, 'arbitrator.register', { categories: ['Security'], conflicts: [] })));
  }

  /** Until the case is decided: each member of its panel gives its ballot, once. */
  async sitOn(caseId: string, upheld: boolean, timeoutMs: number): Promise<CaseRecord> {
    const given = new Set<string>();
    const begun = Date.now();
    for (const deadline = begun + timeoutMs; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, LOOK_MS))) {
      const { value } = await this.reader.getState<CaseRecord>(`case/${caseId}`);
      if (value?.state === 'Decided' || value?.state === 'Closed') return value;
      if (value) await this.#answer(value, upheld, given);
      else if (Date.now() > begun + OPEN_WITHIN_MS) throw new Error(`case ${caseId} was not opened within ${OPEN_WITHIN_MS / 1_000} s`);
    }
    throw new Error(`case ${caseId} was not decided within ${timeoutMs / 1_000} s`);
  }

  async #answer({ id, tier, state, draws, panel }: CaseRecord, upheld: boolean, given: Set<string>): Promise<void> {
    if (state !== 'Commit' && state !== 'Reveal') return;
    const due = panel.filter(({ commitment, ballot }) => (state === 'Commit' ? commitment === null : commitment !== null && ballot === null));
    await Promise.all(
      due.map(async ({ account }) => {
        const key = this.#keys.find(({ publicKey }) => publicKey === account);
        const turn = `${state} ${draws} ${account}`;
        if (!key || given.has(turn)) return;
        given.add(turn);
        const ballot: Ballot = { upheld, award: 0, salt: sha256Hex(`${key.privateKey} ${id}`) };
        const sent = state === 'Commit'
          ? this.#send(key, 'case.commit', { caseId: id, commitment: ballotCommitment(id, tier, account, ballot) })
          : this.#send(key, 'case.reveal', { caseId: id, ballot });
        // Too late, or nobody could be asked: looked at again, and the court draws others where a ballot is missing.
        await sent.catch(() => given.delete(turn));
      }),
    );
  }

  #send<T extends TransactionType>(key: { publicKey: string; privateKey: string }, type: T, payload: Payloads[T]) {
    return sendAs({ endpoints: this.layout.endpoints, genesis: this.genesis, key }, type, payload);
  }
}
