// GET /v1/receipts/{id}, /v1/receipts: bundles that verify offline, their envelopes signed by this validator.
import { utf8 } from '../../../crypto/encoding.js';
import { signEnvelope } from '../../../receipts/dsse.js';
import { PAYLOAD_TYPE, type ReceiptBundle } from '../../../receipts/types.js';
import { setAt } from '../../ledger/validators/validatorSets.js';
import { ApiError } from './apiError.js';
import type { ApiContext } from './context.js';
import { hashParameter, type Parameter, type Route } from './route.js';
import { keptFrom, mustBeKept } from './pruned.js';
import { setSteps } from './validatorRoutes.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
/** How far back a search looks that no index narrows to one object. */
const MAX_SCANNED = 20_000;

/** The receipt of a transaction; undefined when it is in no final block. */
export function receiptBundle({ store, keys, sets }: Pick<ApiContext, 'store' | 'keys' | 'sets'>, id: string): ReceiptBundle | undefined {
  const place = store.place(id);
  if (place) mustBeKept(store, place.height);
  const block = place && store.block(place.height);
  if (!place || !block) return undefined;
  const { header, certificate, statements } = block;
  const steps = setSteps({ store, sets });
  const leafIndex = header.logSize - statements.length + place.index;
  return {
    version: 1,
    envelope: signEnvelope(PAYLOAD_TYPE, utf8(statements[place.index]!), keys.ed25519),
    inclusion: store.log.inclusionProof(leafIndex, header.logSize),
    header,
    certificate,
    validatorSet: setAt(sets(), header.height).set,
    ...(steps.length === 0 ? {} : { steps }),
  };
}

export function receiptRoutes(context: ApiContext): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/receipts/{id}',
      summary: 'The receipt of one operation with all that proves it',
      parameters: [hashParameter('id', 'a receipt id of 64 hex digits')],
      answer: { type: 'object', required: ['version', 'envelope', 'inclusion', 'header', 'certificate'] },
      handle: ({ id }) => {
        const bundle = receiptBundle(context, id as string);
        if (!bundle) throw new ApiError('NotFound', `there is no receipt ${id}; it exists as soon as its transaction is final${keptFrom(context.store)}`, 'id');
        return bundle;
      },
    },
    {
      method: 'get',
      path: '/v1/receipts',
      summary: 'Receipts about an object or a kind, newest first',
      parameters: [
        text('kind', 'kind of the object, such as Pod', true),
        text('namespace', 'its namespace; empty for cluster-scoped objects', false),
        text('name', 'its name', false),
        { name: 'limit', in: 'query', description: 'at most so many', type: 'integer', default: DEFAULT_LIMIT, minimum: 1, maximum: MAX_LIMIT },
      ],
      answer: { type: 'object', required: ['receipts'], properties: { receipts: { type: 'array' } } },
      handle: ({ kind, namespace, name, limit }) => {
        const receipts: ReceiptBundle[] = [];
        let scanned = 0;
        for (const id of candidates(context, kind as string, namespace as string | undefined, name as string | undefined)) {
          if (receipts.length === limit || context.store.place(id)!.height < context.store.bodiesFrom || (scanned += 1) > MAX_SCANNED) break;
          if (matches(context, id, namespace as string | undefined, name as string | undefined)) receipts.push(receiptBundle(context, id)!);
        }
        return { receipts };
      },
    },
  ];
}

const text = (name: string, description: string, required: boolean): Parameter => ({ name, in: 'query', description, type: 'string', required, maxLength: 253 });

function candidates({ store }: ApiContext, kind: string, namespace: string | undefined, name: string | undefined): Iterable<string> {
  return name !== undefined && namespace !== undefined ? store.transactionsAbout({ kind, namespace, name }) : store.transactionsOfKind(kind);
}

function matches({ store }: ApiContext, id: string, namespace: string | undefined, name: string | undefined): boolean {
  if (namespace === undefined && name === undefined) return true;
  const object = store.statement(store.place(id)!)!.predicate.object!;
  return (namespace === undefined || (object.namespace ?? '') === namespace) && (name === undefined || object.name === name);
}
