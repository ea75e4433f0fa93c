import { expect, it } from 'vitest';
import { notReadyBecause } from './nodes.js';

const ready = { type: 'Ready', status: 'True' };
const node = (spec: object, ...conditions: object[]) =>
  ({ metadata: { name: 'n' }, spec, status: { conditions } }) as Parameters<typeof notReadyBecause>[0];

it.each([
  ['ready', node({}, ready), undefined],
  ['no condition yet', node({}), 'n is not Ready (no condition yet)'],
  ['not ready', node({}, { type: 'Ready', status: 'False', message: 'no network' }), 'n is not Ready (no network)'],
  [
    'ready with the taint not yet taken away',
    node({ taints: [{ key: 'node.kubernetes.io/not-ready' }] }, ready),
    'n still has the taint node.kubernetes.io/not-ready',
  ],
  ["cordoned, which is a person's wish", node({ taints: [{ key: 'node.kubernetes.io/unschedulable' }] }, ready), undefined],
  ["a person's taint", node({ taints: [{ key: 'dedicated' }] }, ready), undefined],
])('%s', (_, object, reason) => expect(notReadyBecause(object)).toBe(reason));
