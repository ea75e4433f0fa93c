// GET /v1/state, /v1/state-list, /v1/objects/{hash}: records of the ledger with proofs under the latest certified header.
import { stateKeys } from '../../types.js';
import { ApiError } from './apiError.js';
import type { ApiContext, CertifiedHead } from './context.js';
import { hashParameter, type Parameter, type Route } from './route.js';

const MAX_ENTRIES = 1_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

const keyParameter = (name: string, description: string, required: boolean): Parameter => ({
  name,
  in: 'query',
  description,
  type: 'string',
  required,
  maxLength: 1_024,
});

/** Throws ApiError 'NotYet' before block 1. */
export function certified(context: ApiContext): CertifiedHead {
  const head = context.head();
  if (head.certificate === null) throw new ApiError('NotYet', 'no block is final yet, so nothing proves the state; try again in a moment');
  return head as CertifiedHead;
}

export function stateRoutes(context: ApiContext): Route[] {
  const { store } = context;
  return [
    {
      method: 'get',
      path: '/v1/state',
      summary: 'One record, or the proof that it is absent',
      parameters: [keyParameter('key', 'key of the record', true)],
      answer: { type: 'object', required: ['key', 'value', 'proof', 'header', 'certificate'] },
      handle: ({ key }) => {
        const { header, certificate, tree } = certified(context);
        return { key, value: store.get(key as string) ?? null, proof: tree.prove(key as string), header, certificate };
      },
    },
    {
      method: 'get',
      path: '/v1/state-list',
      summary: 'Records whose key begins with a prefix, in key order, each with its proof',
      parameters: [
        keyParameter('prefix', 'what the keys begin with', true),
        keyParameter('after', 'only keys after this one', false),
        { name: 'limit', in: 'query', description: 'at most so many', type: 'integer', default: MAX_ENTRIES, minimum: 1, maximum: MAX_ENTRIES },
      ],
      answer: { type: 'object', required: ['entries', 'header', 'certificate', 'more'] },
      handle: ({ prefix, after, limit }) => {
        const { header, certificate, tree } = certified(context);
        const entries: { key: string; value: string; proof: unknown }[] = [];
        let bytes = 0;
        for (const [key, value] of store.list(prefix as string, after as string | undefined)) {
          if (entries.length === limit || bytes > MAX_ANSWER_BYTES) return { entries, header, certificate, more: true };
          entries.push({ key, value, proof: tree.prove(key) });
          bytes += value.length;
        }
        return { entries, header, certificate, more: false };
      },
    },
    {
      method: 'get',
      path: '/v1/objects/{hash}',
      summary: 'A policy object by the sha256 of its canonical JSON',
      parameters: [hashParameter('hash', '64 digits of lower-case hex')],
      answer: {},
      handle: ({ hash }) => {
        const value = store.get(stateKeys.object(hash as string));
        if (value === undefined) throw new ApiError('NotFound', `no object has the hash ${hash}`, 'hash');
        return JSON.parse(value) as unknown;
      },
    },
  ];
}
