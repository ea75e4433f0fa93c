// What each pod was admitted with: from blocks as they come, else read from the ledger with its proof. Admissions never change, so each is read once.
import { LRUCache } from 'lru-cache';
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type AdmissionRecord, type FinalisedBlock, type SignedTransaction } from '../../chain/types.js';
import type { AdmissionFacts } from '../../policy/types.js';
import type { Statement } from '../../receipts/types.js';

const VERDICT = '"type":"admission.verdict"';
const KEPT = 50_000;

export class AdmissionBook {
  readonly #facts = new LRUCache<string, AdmissionFacts>({ max: KEPT });

  constructor(private readonly client: Pick<ChainClient, 'getState' | 'listState'>) {}

  /** To be called with every block. */
  note({ transactions, statements }: Pick<FinalisedBlock, 'transactions' | 'statements'>): void {
    transactions.forEach((raw, index) => {
      if (!raw.includes(VERDICT)) return;
      const { payload } = (JSON.parse(raw) as SignedTransaction<'admission.verdict'>).body;
      const { predicate } = JSON.parse(statements[index]!) as Statement;
      if (predicate.code === 'Admitted') this.#facts.set(payload.facts.object.uid, payload.facts);
    });
  }

  /** Everything the ledger has, in one listing: for a program that begins. */
  async load(): Promise<void> {
    for (const { value } of await this.client.listState<AdmissionRecord>('admission/')) this.#facts.set(value.facts.object.uid, value.facts);
  }

  /** undefined: no verdict admitted it. */
  async of(uid: string): Promise<AdmissionFacts | undefined> {
    const known = this.#facts.get(uid);
    if (known) return known;
    const { value } = await this.client.getState<AdmissionRecord>(stateKeys.admission(uid));
    if (value) this.#facts.set(uid, value.facts);
    return value?.facts;
  }

  /** Only what is known already; for indexing without asking anybody. */
  known(uid: string): AdmissionFacts | undefined {
    return this.#facts.get(uid);
  }
}
