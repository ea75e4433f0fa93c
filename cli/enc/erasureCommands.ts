// `kubectl enc erase NAME`: erases a person's name from everything that receipts can be opened to; `kubectl enc whois` opens one while it can be.
import type { Command } from 'commander';
import { PERSONAL_LABEL, PERSONAL_NAMESPACE } from '../../api/labels.js';
import { isPersonalCommitment, openingIn, personalCommitment } from '../../receipts/personalCommitment.js';
import { CliError } from '../bpci/cliError.js';
import { openCluster, type ClusterReader } from './clusterReader.js';
import { kubeconfigFile } from './config.js';
import type { Print } from './options.js';

interface SecretList {
  items: { metadata: { name: string }; data?: Record<string, string> }[];
}
interface Kept {
  secret: string;
  name: string;
  commitment: string;
}

const SECRETS = `/api/v1/namespaces/${PERSONAL_NAMESPACE}/secrets`;

export async function keptNames(cluster: Pick<ClusterReader, 'get'>): Promise<Kept[]> {
  const { items } = (await cluster.get<SecretList>(`${SECRETS}?labelSelector=${encodeURIComponent(`${PERSONAL_LABEL}=true`)}`)) ?? { items: [] };
  return items.flatMap(({ metadata, data }) => {
    const opening = openingIn(data);
    return opening ? [{ secret: metadata.name, name: opening.name, commitment: personalCommitment(opening) }] : [];
  });
}

/** Lines to print. Throws CliError when there is nothing of that name. */
export async function erase(cluster: Pick<ClusterReader, 'get' | 'remove'>, name: string): Promise<string[]> {
  const found = (await keptNames(cluster)).filter((kept) => kept.name === name);
  if (found.length === 0) throw new CliError(`no receipt names "${name}": it was erased before, or never asked for anything`, 1);
  for (const { secret } of found) await cluster.remove(`${SECRETS}/${secret}`);
  return found.flatMap(({ commitment }) => [
    `erased: receipts go on saying ${commitment}, and nobody can tell any more who that was`,
    `the erasure's own receipt: kubectl enc receipts --for personalname/${commitment} -n ${PERSONAL_NAMESPACE}`,
  ]);
}

/** Throws CliError when it is no commitment, or was erased. */
export async function whois(cluster: Pick<ClusterReader, 'get'>, commitment: string): Promise<string> {
  if (!isPersonalCommitment(commitment)) throw new CliError(`"${commitment}" is no commitment to a name: give it as a receipt has it, person: and 64 hex digits`, 2);
  const found = (await keptNames(cluster)).find((kept) => kept.commitment === commitment);
  if (!found) throw new CliError(`${commitment} cannot be opened: it was erased, or is of another cluster`, 1);
  return found.name;
}

/** Throws CliError. */
function clusterOf(flag: string | undefined): ClusterReader {
  const file = kubeconfigFile(flag);
  if (file === undefined) throw new CliError('no kubeconfig: give --kubeconfig, or set KUBECONFIG');
  return openCluster(file);
}

export function addErasureCommands(program: Command, print: Print): void {
  const option = (command: Command) => command.option('--kubeconfig <file>', 'kubeconfig of who may delete (erase) or read (whois) Secrets in enc-personal');
  option(program.command('erase <name>').description('erase a person from all receipts: proofs go on holding, the name is gone for good (GDPR Art. 17)')).action(
    async (name: string, { kubeconfig }: { kubeconfig?: string }) => (await erase(clusterOf(kubeconfig), name)).forEach(print),
  );
  option(program.command('whois <commitment>').description('who person:… in a receipt is, unless erased')).action(
    async (commitment: string, { kubeconfig }: { kubeconfig?: string }) => print(await whois(clusterOf(kubeconfig), commitment)),
  );
}
