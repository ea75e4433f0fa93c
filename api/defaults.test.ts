import { describe, expect, it } from 'vitest';
import { withDefaults } from './defaults.js';

describe('withDefaults', () => {
  it('fills what the agreement and the plan say: threshold 67, 2 s, 500 BPI, the fees of 4.2', () => {
    const spec = withDefaults('EncCluster', { clusterId: 'x', regions: ['EU'], validators: { size: 1, endpoints: [] } });
    expect(spec).toMatchObject({
      validators: { finalityThreshold: 67, blockTime: '2s' },
      minimumStake: '500 BPI',
      relays: { count: 0, endpoints: [] },
      requireAgreement: false,
      consensusParameters: { algorithm: 'IBFT' },
      economicParameters: { schedulingFee: '0.001 BPI', serviceMeshFee: '0.0001 BPI', consensusFee: '0.00001 BPI', receiptFee: '0.000001 BPI' },
    });
  });
  it('fills inside lists and keeps what is given', () => {
    const spec = withDefaults('TrafficRule', { light: 'Yellow', priority: 7, obligations: [{ type: 'encrypt' }], clause: { text: 'x' } });
    expect(spec).toMatchObject({ priority: 7, source: {}, destination: {}, obligations: [{ type: 'encrypt', parameters: {} }] });
  });
  it('leaves its input as it was, and gives each result its own defaults', () => {
    const given = { agreementRefs: undefined };
    const [one, two] = [withDefaults('Workload', given), withDefaults('Workload', given)];
    one.agreementRefs.push('a');
    expect(two.agreementRefs).toEqual([]);
    expect(given).toEqual({ agreementRefs: undefined });
  });
});
