// Deploys agreements that all parties signed, and ends them when all parties ask for it (agreement 8.2, 11.1; the plan: AgreementDeployment).
import { formatFieldErrors } from '../../../api/fieldError.js';
import type { Agreement, AgreementSpec } from '../../../api/index.js';
import { API_VERSION } from '../../../api/labels.js';
import { validateAgreement } from '../../../api/validate/validateAgreement.js';
import { verifyEd25519 } from '../../../crypto/ed25519.js';
import { fromHex } from '../../../crypto/encoding.js';
import { stateKeys, type AgreementRecord, type PolicySetMember } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import { applied, clusterObject, type Effect, type Operation, type OperationTable } from '../operation.js';
import { currentMembers, findMember, putMember, removeMember, specAt } from '../policySet/policySet.js';
import type { Overlay } from '../state.js';
import { agreementHash, agreementMessage } from './agreementHash.js';

function deploy({ payload, state, block }: Operation<'agreement.deploy'>): Effect {
  const { name, uid, generation, spec } = payload;
  const hash = agreementHash(spec);
  const known = state.read<AgreementRecord>(stateKeys.agreement(hash));
  if (known) return deployedBefore(payload, known, state, block);

  mustBeNew(state, name, spec);
  mustBeWellFormed(name, spec);
  mustBeSigned(spec, hash);
  mustBeValidAt(block.timestamp, spec);
  mustHavePolicies(state, spec);
  const { agreementId, version } = spec;
  state.write(stateKeys.agreement(hash), {
    agreementId,
    version,
    name,
    state: 'InForce',
    height: block.height,
    terminatedBy: [],
  } satisfies AgreementRecord);
  putMember(state, block, { kind: 'Agreement', name, uid, generation, state: 'InForce' }, spec);
  return applied(
    'Deployed',
    `Agreement ${name} (${agreementId} version ${version}) is in force, signed by ${spec.parties.map((party) => party.name).join(' and ')}`,
    {
      hash,
      policyHeight: block.height,
    },
  );
}

/** The same terms again: the object may have been made anew, the agreement is not. */
function deployedBefore(
  { name, uid, generation }: Operation<'agreement.deploy'>['payload'],
  known: AgreementRecord,
  state: Overlay,
  block: { height: number; timestamp: number },
): Effect {
  if (known.state !== 'InForce')
    throw new Refusal(
      'AgreementEnded',
      `this agreement was deployed at height ${known.height} and is ${known.state}; deploy a new version, signed by its parties`,
    );
  if (known.name !== name) throw new Refusal('Exists', `this agreement is in force as Agreement ${known.name}; refer to that one`);
  const member = findMember(state, 'Agreement', name)!;
  if (member.uid !== uid || generation > member.generation)
    putMember(state, block, { ...member, uid, generation }, specAt<AgreementSpec>(state, member.hash));
  return applied('Unchanged', `Agreement ${name} has been in force since height ${known.height}`);
}

function mustBeNew(state: Overlay, name: string, { agreementId, version }: AgreementSpec): void {
  const member = findMember(state, 'Agreement', name);
  if (member?.state === 'InForce')
    throw new Refusal(
      'Immutable',
      `Agreement ${name} is in force and cannot be changed; deploy its successor under another name, with a higher spec.version`,
    );
  const same = state.records<AgreementRecord>('agreement/').find((other) => other.agreementId === agreementId && other.version === version);
  if (same)
    throw new Refusal(
      'Exists',
      `spec.version ${version} of agreement ${agreementId} was deployed at height ${same.height} with other terms; use a higher spec.version`,
    );
}

function mustBeWellFormed(name: string, spec: AgreementSpec): void {
  const errors = validateAgreement({ apiVersion: API_VERSION, kind: 'Agreement', metadata: { name }, spec } as Agreement);
  if (errors.length > 0) throw new Refusal('InvalidSpec', formatFieldErrors(errors));
}

function mustBeSigned({ parties, signatures }: AgreementSpec, hash: string): void {
  const message = agreementMessage(hash);
  const signatureOf = new Map(signatures.map(({ party, signature }) => [party, signature]));
  const missing = parties.filter(({ name }) => !signatureOf.has(name)).map(({ name }) => name);
  if (missing.length > 0)
    throw new Refusal('MissingSignature', `spec.signatures has none of ${missing.join(', ')}; every party signs agreement hash ${hash}`);
  const forged = parties.find(({ name, publicKey }) => !verifyEd25519(publicKey, message, fromHex(signatureOf.get(name)!, 64)));
  if (forged)
    throw new Refusal(
      'BadPartySignature',
      `the signature of ${forged.name} in spec.signatures is not by its key ${forged.publicKey} over agreement hash ${hash}; sign these terms again`,
    );
}

function mustBeValidAt(time: number, { terms: { validFrom, validUntil } }: AgreementSpec): void {
  const unread = [validFrom, validUntil].find((moment) => Number.isNaN(Date.parse(moment)));
  if (unread !== undefined) throw new Refusal('InvalidSpec', `spec.terms: ${unread} is no moment; write it as 2026-01-31T00:00:00Z`);
  if (Date.parse(validUntil) <= time) throw new Refusal('AgreementEnded', `spec.terms.validUntil ${validUntil} has passed`);
}

function mustHavePolicies(state: Overlay, { terms: { requiredPolicies } }: AgreementSpec): void {
  const policies = new Set(
    currentMembers(state)
      .filter(({ kind }) => kind === 'BisoPolicy')
      .map(({ name }) => name),
  );
  const absent = requiredPolicies.filter((name) => !policies.has(name));
  if (absent.length > 0)
    throw new Refusal(
      'UnknownPolicy',
      `spec.terms.requiredPolicies names ${absent.join(', ')}, which the ledger does not have; apply each as a BisoPolicy first`,
    );
}

function terminate({ payload: { name, uid, reason }, body, state, block }: Operation<'agreement.terminate'>): Effect {
  const member = findMember(state, 'Agreement', name);
  if (member?.uid !== uid) return applied('Absent', `Agreement ${name} with uid ${uid} is not on the ledger`);
  if (member.state !== 'InForce') {
    removeMember(state, block, member);
    return applied('Removed', `Agreement ${name} had ended (${member.state}) and is not in the policy set any more`);
  }
  const spec = specAt<AgreementSpec>(state, member.hash);
  if (!spec.parties.some(({ publicKey }) => publicKey === body.sender))
    throw new Refusal(
      'NotPermitted',
      `Agreement ${name} is in force; only its parties (${partyNames(spec)}) can terminate it, each with its own key`,
    );
  return agreeToTerminate(state, block, member, { spec, party: body.sender, reason });
}

function agreeToTerminate(
  state: Overlay,
  block: { height: number; timestamp: number },
  member: PolicySetMember,
  { spec, party, reason }: { spec: AgreementSpec; party: string; reason: string },
): Effect {
  const key = stateKeys.agreement(agreementHash(spec));
  const record = state.read<AgreementRecord>(key)!;
  const terminatedBy = [...new Set([...record.terminatedBy, party])].sort();
  const open = spec.parties.filter(({ publicKey }) => !terminatedBy.includes(publicKey)).map(({ name }) => name);
  if (open.length > 0) {
    state.write(key, { ...record, terminatedBy } satisfies AgreementRecord);
    return applied('TerminationAsked', `Agreement ${member.name} ends when ${open.join(' and ')} ask for it too (${reason})`, { open });
  }
  state.write(key, { ...record, terminatedBy, state: 'Terminated' } satisfies AgreementRecord);
  const { kind, name, uid, generation } = member;
  putMember(state, block, { kind, name, uid, generation, state: 'Terminated' }, spec);
  return applied('Terminated', `Agreement ${member.name} is terminated by ${partyNames(spec)} (${reason})`, { policyHeight: block.height });
}

const partyNames = ({ parties }: AgreementSpec) => parties.map(({ name }) => name).join(' and ');

export const agreementOperations: OperationTable<'agreement.deploy' | 'agreement.terminate'> = {
  'agreement.deploy': { roles: ['operator', 'party'], object: clusterObject('Agreement'), execute: deploy },
  'agreement.terminate': { roles: ['operator', 'party'], object: clusterObject('Agreement'), execute: terminate },
};
