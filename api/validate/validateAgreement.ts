// What an Agreement must satisfy beyond its schema; whether its signatures are true is the ledger's to say (agreement 8, 12).
import type { FieldError } from '../fieldError.js';
import type { Agreement, AgreementSpec } from '../index.js';
import { withDefaults } from '../defaults.js';
import { duplicateErrors } from './duplicates.js';
import { schemaErrors } from './schemaErrors.js';

const DEPLOYED: ReadonlySet<string> = new Set(['InForce', 'Breached', 'Expired', 'Terminated']);

function termErrors({ terms, enforcementRules }: AgreementSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (Date.parse(terms.validFrom) >= Date.parse(terms.validUntil))
    errors.push({
      path: 'spec.terms.validUntil',
      value: terms.validUntil,
      message: `is not after validFrom ${terms.validFrom}`,
      cure: 'name a later time',
    });
  enforcementRules.forEach(({ action, violation, penaltyPercent }, index) => {
    if ((action === 'slash') === (penaltyPercent !== undefined)) return;
    const path = `spec.enforcementRules[${index}].penaltyPercent`;
    const cure = action === 'slash' ? `say what percentage of the stake ${violation} costs` : 'leave it out, or use action slash';
    errors.push({ path, value: penaltyPercent, message: `does not go with action ${action}`, cure });
  });
  return errors;
}

function signatureErrors({ parties, signatures }: AgreementSpec): FieldError[] {
  const names = parties.map(({ name }) => name);
  return signatures.flatMap(({ party }, index) =>
    names.includes(party)
      ? []
      : [
          {
            path: `spec.signatures[${index}].party`,
            value: party,
            message: 'is not a party of the agreement',
            cure: `sign as one of ${names.join(', ')}`,
          },
        ],
  );
}

/** A missing signature is no error: the agreement stays a draft (see missingSignatures). */
export function validateAgreement(object: Agreement, old?: Agreement): FieldError[] {
  const shape = schemaErrors('Agreement', object);
  if (shape.length > 0) return shape;
  const spec = withDefaults('Agreement', object.spec);
  const errors = [
    ...duplicateErrors('spec.parties', spec.parties, 'name', 'give each party a name of its own'),
    ...duplicateErrors('spec.parties', spec.parties, 'publicKey', 'each party signs with a key of its own'),
    ...duplicateErrors('spec.signatures', spec.signatures, 'party', 'keep one signature for each party'),
    ...duplicateErrors('spec.enforcementRules', spec.enforcementRules, 'violation', 'state one action for each violation'),
    ...termErrors(spec),
    ...signatureErrors(spec),
  ];
  const state = old?.status?.state;
  if (old && state && DEPLOYED.has(state) && JSON.stringify(withDefaults('Agreement', old.spec)) !== JSON.stringify(spec))
    errors.push({
      path: 'spec',
      value: `version ${spec.version}`,
      message: `cannot be changed while status.state is ${state}`,
      cure: 'deploy a new Agreement with a higher spec.version, signed by its parties',
    });
  return errors;
}
