/** Where a tool of the network lab is, or undefined. */
export declare function networkTool(name: 'ip' | 'tc' | 'nft'): string | undefined
/** Installs nftables and iproute2 where they are missing and this user is root. */
export declare function installNetworkTools(): Promise<void>
/** Why no network can be built here, in a sentence; undefined where one can. */
export declare function whyNoNetworks(): string | undefined
