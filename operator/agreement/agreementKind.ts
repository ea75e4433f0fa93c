// Agreements: drafts until their parties have signed, then the ledger's.
import type { Agreement } from '../../api/index.js';
import type { ChainClient } from '../../chain/client/types.js';
import type { PolicySetReader } from '../ledger/policySetReader.js';
import type { ResourceKind } from '../reconcile/resourceReconciler.js';
import { plan, status } from './decide.js';
import { gather, type SeenAgreement } from './gather.js';

export function agreementKind(client: ChainClient, policies: PolicySetReader): ResourceKind<Agreement, SeenAgreement> {
  return {
    kind: 'Agreement',
    gather: (object, refused, minHeight) => gather({ client, policies }, object, refused, minHeight),
    plan,
    status,
  };
}
