// The address ranges and names that a local cluster uses on the machine.

export const network = {
  services: '10.96.0.0/16',
  /** The service `kubernetes` in namespace default. */
  apiServerService: '10.96.0.1',
  /** What the API server advertises; pods never reach it (their traffic to the service is led to loopback), but loopback may not be advertised. */
  advertised: '10.244.0.1',
  pods: '10.244.0.0/24',
  /** The real node's address: the bridge that its pods hang on, so that the kubelet listens nowhere else. */
  nodeAddress: '10.244.0.1',
  nodePrefix: 24,
  bridge: 'enc0',
  /** Name of the CNI network; its cached results are told by it. */
  cniNetwork: 'enc-cluster',
  /** Addresses that kwok gives its pods; nothing answers there. */
  kwokPods: '10.245.0.1/16',
} as const;
