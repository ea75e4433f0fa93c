// The exact shapes of the economy's payloads and of its part of a genesis.
import { blockHeaderShape, certificateShape } from '../../receipts/chainShapes.js';
import { array, hex, integer, literal, object, pattern, ShapeError, type Shape } from '../../receipts/shape.js';
import type { EconomyPayloads, GenesisEconomy } from '../economyTypes.js';
import { parameterFault, PARAMETER_NAMES, type ParameterName, type Parameters } from './parameters/parameters.js';
import { namespaceName, shapeOf } from './shapes.js';

const DAY_MS = 86_400_000;
export const amount = integer(1);
export const accountKey = hex(32);
export const subject = pattern(
  /^(?:node\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|validator\/[0-9a-f]{64})$/,
  'node/<name> or validator/<Ed25519 public key in lower-case hex>',
);
const nothing = object({}) as unknown as Shape<Record<never, never>>;

/** Some of the parameters, each within its bounds. */
export const someParameters: Shape<Partial<Parameters>> = (value, path) => {
  const optional = Object.fromEntries(PARAMETER_NAMES.map((name) => [name, integer()]));
  const given = object({}, optional)(value, path) as Partial<Parameters>;
  for (const [name, number] of Object.entries(given) as [ParameterName, number][]) {
    const fault = parameterFault(name, number);
    if (fault !== undefined) throw new ShapeError(`${path}.${name}`, fault, number);
  }
  return given;
};

export const genesisEconomy = shapeOf<GenesisEconomy>()(
  { rewardPool: integer(), insuranceFund: integer(), parameters: someParameters },
  { trialDayMs: integer(100, DAY_MS) },
);

const certified = object({ header: blockHeaderShape, certificate: certificateShape });

export const economyShapes: { [T in keyof EconomyPayloads]: Shape<EconomyPayloads[T]> } = {
  'stake.unbond': shapeOf<EconomyPayloads['stake.unbond']>()({ amount }),
  'node.heartbeat': shapeOf<EconomyPayloads['node.heartbeat']>()({ participant: subject }),
  'participation.report': shapeOf<EconomyPayloads['participation.report']>()({ certificates: array(certified, 1, 64) }),
  'fees.settle': shapeOf<EconomyPayloads['fees.settle']>()({ account: accountKey }),
  'mesh.open': shapeOf<EconomyPayloads['mesh.open']>()({ amount }),
  'mesh.settle': shapeOf<EconomyPayloads['mesh.settle']>()({ caller: accountKey, calls: integer() }),
  'mesh.close': nothing,
  'tenant.assign': shapeOf<EconomyPayloads['tenant.assign']>()({ namespace: namespaceName, account: pattern(/^(?:[0-9a-f]{64})?$/, 'an account key of 32 bytes of lower-case hex, or nothing') }),
  'tenant.agree': shapeOf<EconomyPayloads['tenant.agree']>()({ namespace: namespaceName, pays: literal(true, false) }),
  'identity.attest': shapeOf<EconomyPayloads['identity.attest']>()({ account: accountKey, reference: hex(32), validUntil: integer() }),
};
