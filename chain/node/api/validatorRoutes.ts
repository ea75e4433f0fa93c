// GET /v1/validators/steps: how whoever trusts the genesis comes to know every later validator set (ADR 6).
import type { SetStep } from '../../../receipts/types.js';
import type { ApiContext } from './context.js';
import type { Route } from './route.js';

/** One for each change that is in effect at the next height, the earliest first. */
export function setSteps({ sets, store }: Pick<ApiContext, 'sets' | 'store'>): SetStep[] {
  return sets().flatMap(({ since, set }) => {
    const last = store.header(since - 1);
    return last?.certificate ? [{ header: last.header, certificate: last.certificate, set }] : [];
  });
}

export function validatorRoutes(context: ApiContext): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/validators/steps',
      summary: 'Every change of the validator set in effect: the last header under the set before, its certificate, and the set that follows',
      answer: { type: 'object', required: ['steps'] },
      handle: () => ({ steps: setSteps(context) }),
    },
  ];
}
