// The erasure of a person's name: whoever may delete its opening may do that, and it leaves a receipt that names the commitment alone (GDPR Art. 17).
import { PERSONAL_NAMESPACE } from '../../api/labels.js';
import { openingIn, personalCommitment } from '../../receipts/personalCommitment.js';
import { factsOf, type Check } from './check.js';

export const checkErasure: Check = (request, context) => {
  const opening = request.namespace === PERSONAL_NAMESPACE && request.oldObject ? openingIn((request.oldObject as { data?: Record<string, string> }).data) : undefined;
  if (!opening) return Promise.resolve(null);
  const { uid = '' } = request.oldObject!.metadata ?? {};
  const object = { kind: 'PersonalName', namespace: PERSONAL_NAMESPACE, name: personalCommitment(opening), uid, specHash: '' };
  return Promise.resolve(factsOf(request, context, { object }));
};
