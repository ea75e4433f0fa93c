// Runs kubectl as the cluster's administrator.
import { runCommand, type CommandOptions } from './shell/runCommand.js';

export type AdminKubectl = (arguments_: string[], options?: CommandOptions) => Promise<string>;

export const adminKubectl =
  (kubectl: string, kubeconfig: string): AdminKubectl =>
  (arguments_, options) =>
    runCommand(kubectl, ['--kubeconfig', kubeconfig, ...arguments_], options);
