// The exact shapes of what changes the validator set.
import { array, hex, integer, pattern } from '../../../receipts/shape.js';
import { validatorMembers } from '../../../receipts/chainShapes.js';
import type { NewValidator, Payloads, ValidatorsChange } from '../../types.js';
import { objectName, reason, shapeOf } from '../shapes.js';

/** At once; what a quorum can agree to is less. */
const MAX_CHANGED = 100;

const hostPort = pattern(/^(?:[a-zA-Z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\]):[1-9][0-9]{0,4}$/, 'HOST:PORT, such as bpci-4.bpci:21300');

export const newValidator = shapeOf<NewValidator>()({ ...validatorMembers, address: objectName, endpoint: hostPort });

const signature = shapeOf<ValidatorsChange['signatures'][number]>()({ validator: hex(32), signature: hex(64) });

export const unsignedChangeMembers = {
  expectedSetHash: hex(32),
  expectedSince: integer(),
  add: array(newValidator, 0, MAX_CHANGED),
  remove: array(hex(32), 0, MAX_CHANGED),
  reason,
};

export const validatorPayloads = {
  'validators.change': shapeOf<ValidatorsChange>()({ ...unsignedChangeMembers, signatures: array(signature, 0, 1_000) }),
  'stake.bond': shapeOf<Payloads['stake.bond']>()({ account: hex(32), name: objectName, amount: integer(1) }),
};
