// Reports of reconcile passes: nothing but their receipt (ADR 4).
import type { OperationTable } from '../operation.js';

export const reconcileOperations: OperationTable<'reconcile.report'> = {
  'reconcile.report': {
    roles: ['operator'],
    object: ({ object }) => object,
    execute: ({ payload: { outcome, reason, generation, actions } }) => ({
      outcome,
      code: outcome === 'applied' ? 'Reconciled' : 'ReconcileFailed',
      reason,
      details: { generation, actions },
    }),
  },
};
