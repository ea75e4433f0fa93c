// The exact shape of a genesis document.
import { validatorSetShape } from '../../receipts/chainShapes.js';
import { array, hex, integer, literal, pattern, text, type Shape } from '../../receipts/shape.js';
import type { Genesis, GenesisAccount } from '../types.js';
import { genesisEconomy } from './economyShapes.js';
import { objectName, shapeOf, uuid } from './shapes.js';
import { MAX_TRANSACTION_BYTES } from './transaction.js';

const DAY_MS = 86_400_000;
const amount = integer();

const account = shapeOf<GenesisAccount>()({
  publicKey: hex(32),
  name: objectName,
  roles: array(literal('operator', 'webhook', 'node-operator', 'party', 'validator', 'identity'), 0, 6),
  balance: amount,
  stake: amount,
});

export const genesisShape: Shape<Genesis> = shapeOf<Genesis>()(
  {
    version: literal(1),
    chainId: text(1, 128),
    clusterId: uuid,
    agreementHash: pattern(/^(?:[0-9a-f]{64})?$/, '32 bytes of lower-case hex, or nothing'),
    timestamp: integer(),
    validatorSet: validatorSetShape,
    consensus: shapeOf<Genesis['consensus']>()({
      blockTimeMs: integer(1, DAY_MS),
      baseTimeoutMs: integer(1, DAY_MS),
      maxTimeoutMs: integer(1, DAY_MS),
      maxBlockBytes: integer(MAX_TRANSACTION_BYTES, 2 ** 30),
      maxBlockTransactions: integer(1, 1_000_000),
    }),
    economics: shapeOf<Genesis['economics']>()({ minimumStake: amount, schedulingFee: amount, receiptFee: amount, consensusFee: amount }),
    accounts: array(account, 1, 1_000_000),
    creator: shapeOf<Genesis['creator']>()({ publicKey: hex(32), signature: hex(64) }),
  },
  { economy: genesisEconomy },
);
