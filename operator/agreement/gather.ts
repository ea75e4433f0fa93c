// What is on the ledger about an Agreement: its member of the policy set, and the record of its terms.
import type { Agreement } from '../../api/index.js';
import { agreementHash } from '../../chain/client/agreementSignatures.js';
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type AgreementRecord, type PolicySetMember } from '../../chain/types.js';
import type { PolicySetReader } from '../ledger/policySetReader.js';
import type { Refused } from '../ledger/refusalMemory.js';

export interface SeenAgreement {
  object: Agreement;
  hash: string;
  member: PolicySetMember | undefined;
  /** Of these terms, under whatever name they were deployed. */
  record: AgreementRecord | undefined;
  policyHeight: number;
  refused: Refused | undefined;
}

export async function gather(
  { client, policies }: { client: ChainClient; policies: PolicySetReader },
  object: Agreement,
  refused: (policyHeight: number) => Refused | undefined,
  minHeight?: number,
): Promise<SeenAgreement> {
  const hash = agreementHash(object.spec);
  const { member, policyHeight } = await policies.member('Agreement', object.metadata.name, minHeight);
  const { value: record } = await client.getState<AgreementRecord>(stateKeys.agreement(hash), minHeight === undefined ? {} : { minHeight });
  return { object, hash, member, record, policyHeight, refused: refused(policyHeight) };
}
