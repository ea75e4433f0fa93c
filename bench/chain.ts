// The chain alone: from submission to the verified certificate, and what receipts cost.
import type { ChainClient } from '../chain/client/types.js';
import type { Genesis } from '../chain/types.js';
import { verifyReceipt } from '../receipts/verify/verifyReceipt.js';
import { quantile, type Row } from './results.js';

const SAMPLES = 100;
const VERIFICATIONS = 200;

const own = (metric: string, unit: string, value: number): Row => ({ metric, unit, ours: value, peer: null, peerName: '', better: 'lower' });

export async function measureChain(client: ChainClient, genesis: Genesis): Promise<Row[]> {
  const acknowledged: number[] = [];
  const final: number[] = [];
  let receiptId = '';
  for (let i = 0; i < SAMPLES; i++) {
    const began = performance.now();
    const submission = await client.submit('reconcile.report', {
      object: { kind: 'Pod', namespace: 'payments', name: 'bench', uid: 'bench' }, generation: 1, outcome: 'applied', reason: 'measured by make bench', actions: [],
    });
    acknowledged.push(performance.now() - began);
    await submission.finalised();
    final.push(performance.now() - began);
    receiptId = submission.receiptId;
  }
  const retrieving = performance.now();
  const bundle = await client.receipt(receiptId);
  const retrieved = performance.now() - retrieving;
  const verifying: number[] = [];
  for (let i = 0; i < VERIFICATIONS; i++) {
    const began = performance.now();
    const { ok } = verifyReceipt(bundle, genesis);
    if (!ok) throw new Error('the measured receipt does not verify');
    verifying.push(performance.now() - began);
  }
  return [
    own('transaction acknowledged by f+1, p50', 'ms', quantile(acknowledged, 0.5)),
    own('transaction acknowledged by f+1, p99', 'ms', quantile(acknowledged, 0.99)),
    own('submit to verified certificate, p50', 'ms', quantile(final, 0.5)),
    own('submit to verified certificate, p99', 'ms', quantile(final, 0.99)),
    own('receipt retrieved and verified by the client', 'ms', retrieved),
    // Its certificate is known from the first time on (receipts/knownCertificates.ts).
    own('receipt of a block verified before, verified offline, p50', 'ms', quantile(verifying, 0.5)),
  ];
}
