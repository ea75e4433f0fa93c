// What the webhooks keep in the API server goes by one name and one manager; and how a request says that it met what was to be expected.

/** Name of both webhook configurations, and of the policy and its binding. */
export const CONFIGURATION = 'enc-mainnet';
export const FIELD_MANAGER = 'enc-webhooks';

/** Undefined where the API server answers with this status. */
export async function orNothing<T>(status: number, asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if ((error as { code?: number }).code === status) return undefined;
    throw error;
  }
}
