// What helm test's admission check takes for no proof: a Workload that was let through, and a refusal that is not the mainnet's or names no receipt.
import { describe, expect, it } from 'vitest';
import type { Genesis } from '../../../chain/types.js';
import type { KubeApi } from '../../../operator/runtime/kubeApi.js';
import { KubeError } from '../../../operator/runtime/kubeError.js';
import { checkAdmission } from './checkAdmission.js';

const answering = (answer: () => Promise<never> | Promise<object>): KubeApi => ({ create: answer }) as unknown as KubeApi;
const refusing = (message: string) => answering(() => Promise.reject(new KubeError('Forbidden', 403, message)));

describe('checkAdmission', () => {
  it.each([
    ['a Workload that was let through', answering(() => Promise.resolve({})), /was let through: are the webhooks registered/],
    ["a refusal of somebody else's", refusing('workloads is forbidden: User "test" cannot create'), /not by the mainnet with a receipt/],
    ['a refusal without a receipt', refusing('refused by NamespaceNotEnforced'), /not by the mainnet with a receipt/],
    ['another refusal of the mainnet', refusing(`refused by NoQuorum (receipt ${'a'.repeat(64)})`), /not by the mainnet with a receipt/],
    ['no answer', answering(() => Promise.reject(new KubeError('Unreachable', 0, 'connect ECONNREFUSED'))), /ECONNREFUSED/],
  ])('does not pass on %s', async (_, api, why) => {
    await expect(checkAdmission({ api, genesis: {} as Genesis, endpoints: [], namespace: 'mainnet-test', print: () => undefined })).rejects.toThrow(why);
  });
});
