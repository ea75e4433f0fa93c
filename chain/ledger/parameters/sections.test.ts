import { describe, expect, it } from 'vitest';
import { economyGenesis } from '../testing/economyWorld.js';
import { testGenesis } from '../testing/testGenesis.js';
import { validateGenesis } from '../genesis.js';
import { combinationFault, genesisParameters, PARAMETER_NAMES, PARAMETERS, parameterFault, type ParameterName } from './parameters.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What the agreement says, beside the number that the ledger computes with: µBPI, ms, percent. */
const agreed: [section: string, says: string, name: ParameterName, value: number][] = [
  ['4.1', 'base_reward: 0.01 BPI per hour per active node', 'baseReward', 10_000],
  ['4.1', 'consensus_bonus: 0.005 BPI per consensus round participation', 'consensusBonus', 5_000],
  ['4.1', 'uptime_bonus: 0.002 BPI per hour', 'uptimeBonus', 2_000],
  ['4.1', '... for >99% uptime', 'bonusUptimePercent', 99],
  ['4.1', 'performance_bonus: 0.001 BPI per hour for top quartile performance', 'performanceBonus', 1_000],
  ['4.1', 'stake: 500 BPI per node', 'minimumStake', 500_000_000],
  ['4.1', 'uptime: 95% minimum', 'minimumUptimePercent', 95],
  ['4.1', 'consensus_participation: 90% minimum', 'minimumParticipationPercent', 90],
  ['4.1', 'response_time: <5 seconds for scheduling decisions', 'maximumResponseMs', 5_000],
  ['4.2', 'scheduling_fee: 0.001 BPI per workload scheduling', 'schedulingFee', 1_000],
  ['4.2', 'service_mesh_fee: 0.0001 BPI per service call', 'meshFee', 100],
  ['4.2', 'consensus_fee: 0.00001 BPI per consensus round', 'consensusFee', 10],
  ['4.2', 'receipt_fee: 0.000001 BPI per operation receipt', 'receiptFee', 1],
  ['4.2', 'workload_storage: 0.0001 BPI per GB per day', 'workloadStorageFee', 100],
  ['4.2', 'receipt_storage: 0.00001 BPI per MB per day', 'receiptStorageFee', 10],
  ['4.2', 'consensus_storage: 0.000001 BPI per block', 'consensusStorageFee', 1],
  ['4.3', 'consensus_failure: 5% of staked BPI', 'consensusFailurePercent', 5],
  ['4.3', 'resource_fraud: 10% of staked BPI', 'resourceFraudPercent', 10],
  ['4.3', 'service_unavailability: 15% of staked BPI', 'serviceUnavailabilityPercent', 15],
  ['4.3', 'receipt_tampering: 25% of staked BPI', 'receiptTamperingPercent', 25],
  ['4.3', 'network_attack: 50% of staked BPI', 'networkAttackPercent', 50],
  ['4.3', 'appeal: 14-day appeal window', 'appealWindowMs', 14 * DAY],
  ['5.2', 'protocol_upgrades: 2/3+ node consensus + 7-day timelock', 'upgradeTimelockMs', 7 * DAY],
  ['5.2', 'economic_parameter_changes: 2/3+ node consensus + 3-day timelock', 'parameterTimelockMs', 3 * DAY],
  ['6.1', 'decision_latency: <5 seconds for workload placement', 'decisionLatencyMs', 5_000],
  ['6.1', 'consensus_finality: <10 seconds for scheduling consensus', 'finalityMs', 10_000],
  ['6.1', 'resource_verification: <2 seconds for commitment validation', 'resourceVerificationMs', 2_000],
  ['6.1', 'failure_recovery: <30 seconds for node failure handling', 'recoveryMs', 30_000],
  ['6.2', 'service_discovery: <1 second for endpoint resolution', 'serviceDiscoveryMs', 1_000],
  ['6.2', 'load_balancing: <500ms for routing decisions', 'loadBalancingMs', 500],
  ['6.2', 'health_checks: <2 seconds for service health verification', 'healthCheckMs', 2_000],
  ['6.2', 'failover: <5 seconds for service failover', 'failoverMs', 5_000],
  ['6.3', 'generation_time: <100ms for operation receipt creation', 'receiptGenerationMs', 100],
  ['6.3', 'verification_time: <50ms for receipt signature verification', 'receiptVerificationMs', 50],
  ['6.3', 'storage_time: <200ms for blockchain storage', 'receiptStorageMs', 200],
  ['6.3', 'retrieval_time: <100ms for receipt retrieval', 'receiptRetrievalMs', 100],
  ['9.2', 'the plan: --arbitration-threshold 200', 'arbitrationThreshold', 200_000_000],
  ['10.3', 'Financial Regulations: AML/KYC for node operators; off until it is agreed', 'identityRequired', 0],
  ['11.1', 'voluntary_termination: 30_day_notice', 'terminationNoticeMs', 30 * DAY],
  ['11.1', 'insufficient_nodes: <3_active_nodes', 'minimumActiveNodes', 3],
  ['11.1', '... for_7_days', 'insufficientNodesMs', 7 * DAY],
  ['11.1', 'consensus_failure: >50%_failed_rounds', 'failedRoundsPercent', 50],
  ['11.1', '... for_24_hours', 'failedRoundsMs', DAY],
];

describe('what the agreement says', () => {
  const inForce = genesisParameters(economyGenesis());
  it.each(agreed)('%s: %s', (section, _says, name, value) => {
    expect(inForce[name]).toBe(value);
    expect(PARAMETERS[name].section).toBe(section);
  });

  it('holds stake at least as long as an appeal can be made (4.3)', () => {
    expect(inForce.unbondingMs).toBeGreaterThanOrEqual(inForce.appealWindowMs);
  });
});

describe('bounds', () => {
  it.each(PARAMETER_NAMES)('%s is within its own', (name) => {
    expect(parameterFault(name, PARAMETERS[name].value)).toBeUndefined();
    expect(parameterFault(name, PARAMETERS[name].min - 1)).toContain(name);
    expect(parameterFault(name, PARAMETERS[name].max + 1)).toContain(name);
    expect(parameterFault(name, PARAMETERS[name].value + 0.5)).toContain('whole number');
  });

  it('refuses to let an offender leave before it can be slashed', () => {
    expect(combinationFault({ ...genesisParameters(testGenesis()), unbondingMs: 13 * DAY })).toContain('shorter than appealWindowMs');
  });

  it('are a genesis’ too', () => {
    const outside = economyGenesis({ economy: { rewardPool: 0, insuranceFund: 0, parameters: { votingMs: 1 } } });
    expect(validateGenesis(outside)[0]!.path).toContain('votingMs');
    const combined = economyGenesis({ economy: { rewardPool: 0, insuranceFund: 0, parameters: { unbondingMs: DAY } } });
    expect(validateGenesis(combined).map(({ path }) => path)).toEqual(['economy.parameters']);
  });
});
