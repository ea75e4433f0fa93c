// A trial network shortens waits between people, and nothing else; what is agreed stays what is voted on.
import { describe, expect, it } from 'vitest';
import { validateGenesis } from '../genesis.js';
import { economyGenesis } from '../testing/economyWorld.js';
import { Overlay } from '../state.js';
import { MemoryState } from '../memoryState.js';
import { agreedParameters, changeParameters, parametersIn, type ParameterName } from './parameters.js';

const DAY = 86_400_000;
const economy = { rewardPool: 0, insuranceFund: 0, parameters: {} };
const trial = economyGenesis({ chainId: 'trial-test', economy: { ...economy, trialDayMs: 1_000 } });

describe('parameters of a trial network', () => {
  it('are good on a chain that says so', () => expect(validateGenesis(trial)).toEqual([]));

  it.each<[section: string, name: ParameterName, days: number]>([
    ['4.3 appeal: 14-day appeal window', 'appealWindowMs', 14],
    ['4.3', 'unbondingMs', 14],
    ['5.2 7-day timelock', 'upgradeTimelockMs', 7],
    ['5.2 3-day timelock', 'parameterTimelockMs', 3],
    ['9.3', 'evidenceMs', 3],
    ['11.1 30_day_notice', 'terminationNoticeMs', 30],
  ])('%s: %s lasts as many seconds as days were agreed', (_section, name, days) => {
    const state = new Overlay(new MemoryState());
    expect([agreedParameters(state, trial)[name], parametersIn(state, trial)[name]]).toEqual([days * DAY, days * 1_000]);
  });

  it.each<ParameterName>(['missedHours', 'heartbeatMs', 'insufficientNodesMs', 'failedRoundsMs', 'decisionLatencyMs', 'drawMs', 'baseReward', 'minimumStake'])('leave %s as it is', (name) => {
    const state = new Overlay(new MemoryState());
    expect(parametersIn(state, trial)[name]).toBe(agreedParameters(state, trial)[name]);
  });

  it('follow a change of what was agreed', () => {
    const state = new Overlay(new MemoryState());
    changeParameters(state, { votingMs: 2 * DAY });
    expect(parametersIn(state, trial).votingMs).toBe(2_000);
  });

  it('are the agreed ones on any other network', () => {
    const state = new Overlay(new MemoryState());
    const genesis = economyGenesis();
    expect(parametersIn(state, genesis)).toEqual(agreedParameters(state, genesis));
  });
});
