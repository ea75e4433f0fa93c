// A trial network: the days that proposals, penalties and cases wait are shorter, on a chain whose name says so in everything it signs (ADR 12).
import type { FieldError } from '../../../api/fieldError.js';
import type { Genesis } from '../../types.js';
import type { ParameterName, Parameters } from './parameters.js';

const DAY_MS = 86_400_000;
/** Part of every signature, certificate and receipt, so that nothing a trial network made passes for a real network's. */
export const TRIAL_PREFIX = 'trial-';
/** Waits between people. What is measured of machines (hours, uptime, latencies, failed rounds) and what waits for blocks (a panel's draw) passes in its own time. */
const SHORTENED = [
  'appealWindowMs', 'offenceWindowMs', 'unbondingMs', 'upgradeTimelockMs', 'parameterTimelockMs', 'votingMs', 'emergencyMs',
  'evidenceMs', 'commitMs', 'revealMs', 'terminationNoticeMs',
] as const satisfies readonly ParameterName[]; // prettier-ignore

/** As the agreement has them, but for a day that lasts `trialDayMs` of block time. */
export function shortened(parameters: Parameters, { economy }: Genesis): Parameters {
  const dayMs = economy?.trialDayMs;
  if (dayMs === undefined) return parameters;
  const waits = SHORTENED.map((name) => [name, Math.ceil((parameters[name] * dayMs) / DAY_MS)]);
  return { ...parameters, ...(Object.fromEntries(waits) as Partial<Parameters>) };
}

export function trialErrors({ chainId, economy }: Genesis): FieldError[] {
  if (economy?.trialDayMs === undefined || chainId.startsWith(TRIAL_PREFIX)) return [];
  const message = `shortens the agreement's waiting periods, and chain "${chainId}" is no trial network`;
  return [{ path: 'economy.trialDayMs', value: economy.trialDayMs, message, cure: `leave it out, or begin the chain's id with "${TRIAL_PREFIX}"` }];
}
