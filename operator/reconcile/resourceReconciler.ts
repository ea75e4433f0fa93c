// One pass over a custom resource: gather → decide → apply → report → status. A quiet pass says why and leaves no receipt (docs/adr/0004).
import { LRUCache } from 'lru-cache';
import { setCondition, type ConditionInput } from '../../api/conditions.js';
import type { Condition, ReceiptReference, Resource } from '../../api/index.js';
import { cutText } from '../../receipts/write/buildStatement.js';
import type { RefusalMemory, Refused } from '../ledger/refusalMemory.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { EventInput, EventRecorder } from '../runtime/eventRecorder.js';
import type { Informer } from '../runtime/informer.js';

import { RESOURCES } from '../runtime/kubeObject.js';
import { StatusWriter } from '../runtime/statusWriter.js';
import { carryOut, type Hands } from './carryOut.js';
import type { Outcome, Plan } from './plan.js';

export interface CommonStatus {
  observedGeneration?: number;
  latestReceipt?: ReceiptReference;
  conditions?: Condition[];
}
/** What a kind decides of its status; times, observedGeneration and latestReceipt are added. */
export type StatusPart<R extends Resource> = Omit<NonNullable<R['status']>, keyof CommonStatus> & { conditions: ConditionInput[] };

/** What is particular to one kind. `plan` and `status` are pure. */
export interface ResourceKind<R extends Resource, Seen> {
  kind: R['kind'];
  /** Reads everything a decision needs; of a ledger state at least `minHeight` high. */
  gather(object: R, refused: (policyHeight: number) => Refused | undefined, minHeight?: number): Promise<Seen & { policyHeight: number }>;
  plan(seen: Seen): Plan;
  status(seen: Seen, present: NonNullable<R['status']>): StatusPart<R>;
  /** A receipt of what happened to it on the chain, which may be newer than that of the last pass. */
  latestReceipt?(seen: Seen): ReceiptReference | undefined;
  /** Keeps what was learnt from applying children. */
  applied?(object: R, outcome: Outcome): void;
}

interface Memory {
  /** Last generation that has a receipt. */
  reported: number;
  receipt: ReceiptReference | undefined;
  failure: string | undefined;
}

const CHAIN_IS_AWAY = ['Unreachable', 'Timeout', 'Expired', 'Unverified', 'NotStarted', 'Stopped', 'NoKey'];
const CONFLICTS_SHOWN_FROM = 3;
const REASON_BYTES = 1_024;
const ACTION_BYTES = 512;

export class ResourceReconciler<R extends Resource, Seen> implements Reconciler {
  readonly #memory = new LRUCache<string, Memory>({ max: 20_000 });
  readonly #writer: StatusWriter;
  readonly #resource;

  constructor(
    private readonly kind: ResourceKind<R, Seen>,
    private readonly informer: Informer<R>,
    private readonly hands: Hands,
    private readonly refusals: RefusalMemory,
    private readonly events: EventRecorder,
  ) {
    this.#resource = RESOURCES[kind.kind];
    this.#writer = new StatusWriter(hands.api, this.#resource);
  }

  get name(): string {
    return this.kind.kind;
  }

  /** Changes that call for a pass: not those of our own status writes. */
  callsForPass(old: R, object: R): boolean {
    const a = old.metadata;
    const b = object.metadata;
    return (
      a.generation !== b.generation ||
      a.deletionTimestamp !== b.deletionTimestamp ||
      a.finalizers?.join() !== b.finalizers?.join() ||
      this.#writer.isForeign(object)
    );
  }

  async reconcile(key: string): Promise<PassResult> {
    const object = this.informer.get(key);
    if (!object) {
      this.refusals.forget(key);
      return { quiet: 'the object is gone' };
    }
    const generation = object.metadata.generation ?? 0;
    const refused = (policyHeight: number) => this.refusals.standing(key, generation, policyHeight);
    const seen = await this.kind.gather(object, refused);
    const plan = this.kind.plan(seen);
    const again = plan.againMs === undefined ? {} : { againMs: plan.againMs };
    const memory = this.#memoryOf(object);
    const isNew = object.status?.observedGeneration !== generation && memory.reported !== generation;
    if (plan.steps.length === 0 && !isNew) {
      await this.#writeStatus(object, seen);
      return { quiet: plan.why, ...again };
    }

    return { ...(await this.#act(key, object, seen, { plan, refused, isNew })), ...again };
  }

  async #act(
    key: string,
    object: R,
    seen: Seen & { policyHeight: number },
    { plan, refused, isNew }: { plan: Plan; refused: (policyHeight: number) => Refused | undefined; isNew: boolean },
  ): Promise<PassResult> {
    const outcome = await carryOut(
      this.hands,
      this.#resource,
      object,
      plan.steps,
      async (done) => void (await this.#report(object, 'applied', 'released', done.actions)),
    );
    this.kind.applied?.(object, outcome);
    if (outcome.released) return this.#forget(key, object);
    this.#remember(key, object, seen.policyHeight, outcome);
    const after = await this.kind.gather(object, refused, outcome.results.at(-1)?.height);
    if (!isNew && !outcome.refused && outcome.actions.length === 0) {
      await this.#writeStatus(object, after);
      return { quiet: 'everything was as wanted' };
    }
    const settled = plan.steps.length === 0 ? plan.why : 'the ledger and the cluster are as the spec says';
    const reason = outcome.refused ? `${outcome.refused.code}: ${outcome.refused.reason}` : settled;
    const receipt = await this.#report(object, outcome.refused ? 'failed' : 'applied', reason, outcome.actions);
    await this.#writeStatus(object, after);
    await this.#tell(object, outcome);
    return { receiptId: receipt.id };
  }

  #remember(key: string, { metadata: { generation = 0 } }: R, policyHeight: number, { refused, results }: Outcome): void {
    if (refused) this.refusals.remember(key, { generation, policyHeight, code: refused.code, reason: refused.reason });
    else if (results.length > 0) this.refusals.forget(key);
  }

  async showFailure(key: string, { code, message }: { code: string; message: string }, failures: number): Promise<void> {
    const object = this.informer.get(key);
    if (!object || (code === 'Conflict' && failures < CONFLICTS_SHOWN_FROM)) return;
    const failed: ConditionInput = { type: 'Synced', status: 'False', reason: code, message };
    const present = this.#present(object);
    await this.#writer.write(object, {
      ...present,
      conditions: setCondition(present.conditions, failed, object.metadata.generation, new Date().toISOString()),
    });
    await this.events.record(object, { type: 'Warning', reason: code, note: message, action: 'Reconcile' });
    const memory = this.#memoryOf(object);
    const failure = `${object.metadata.generation}/${code}`;
    if (memory.failure === failure || CHAIN_IS_AWAY.includes(code)) return;
    await this.#report(object, 'failed', `${code}: ${message}`, []);
    memory.failure = failure;
  }

  #memoryOf({ metadata: { uid = '' } }: R): Memory {
    let memory = this.#memory.get(uid);
    if (!memory) this.#memory.set(uid, (memory = { reported: -1, receipt: undefined, failure: undefined }));
    return memory;
  }

  #forget(key: string, { metadata: { uid = '' } }: R): PassResult {
    const receiptId = this.#memory.get(uid)?.receipt?.id;
    this.#memory.delete(uid);
    this.refusals.forget(key);
    return receiptId === undefined ? {} : { receiptId };
  }

  async #report({ kind, metadata, status }: R, outcome: 'applied' | 'failed', reason: string, actions: string[]): Promise<ReceiptReference> {
    const { namespace = '', name, uid = '', generation = 0 } = metadata;
    const result = await this.hands.chain.send('reconcile.report', {
      object: { kind, namespace, name, uid },
      generation,
      outcome,
      reason: cutText(reason, REASON_BYTES),
      actions: actions.map((action) => cutText(action, ACTION_BYTES)),
    });
    const memory = this.#memoryOf({ kind, metadata, status } as R);
    memory.receipt = { id: result.transactionId, height: result.height };
    memory.reported = generation;
    return memory.receipt;
  }

  /** As last written; the local copy may be older than that. */
  #present(object: R): CommonStatus {
    return this.#writer.lastWritten(object) ?? object.status ?? {};
  }

  async #writeStatus(object: R, seen: Seen): Promise<void> {
    const present = this.#present(object);
    const generation = object.metadata.generation;
    const { conditions: wanted, ...fields } = this.kind.status(seen, present as NonNullable<R['status']>);
    const inputs: ConditionInput[] = [
      ...wanted,
      { type: 'Synced', status: 'True', reason: 'Reconciled', message: 'the last pass did what it had to' },
    ];
    const now = new Date().toISOString();
    const conditions = inputs.reduce<Condition[]>((all, input) => setCondition(all, input, generation, now), present.conditions ?? []);
    const own = this.#memoryOf(object).receipt ?? present.latestReceipt;
    const other = this.kind.latestReceipt?.(seen);
    const latestReceipt = other && other.height >= (own?.height ?? 0) ? other : own;
    await this.#writer.write(object, { ...fields, conditions, observedGeneration: generation, latestReceipt });
  }

  async #tell(object: R, { refused, results }: Outcome): Promise<void> {
    const changed = results.filter(({ outcome, code }) => outcome === 'applied' && code !== 'Unchanged');
    const events = [
      ...changed.map(({ code, reason, transactionId, height }): EventInput => ({
        type: 'Normal',
        reason: code,
        note: `${reason} (receipt ${transactionId}, height ${height})`,
        action: 'Reconcile',
      })),
      ...(refused
        ? [
            {
              type: 'Warning' as const,
              reason: refused.code,
              note: `${refused.reason} (receipt ${refused.transactionId}, height ${refused.height})`,
              action: 'Reconcile',
            },
          ]
        : []),
    ];
    for (const event of events) await this.events.record(object, event);
  }
}
