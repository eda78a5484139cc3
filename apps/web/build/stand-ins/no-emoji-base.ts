// Stands in for multiformats’ base256emoji: one of the bases in which a multibase text may be written, with an alphabet of 256 pictures.
// Addresses have their certificate hashes in base64url, and libp2p writes in no base but those that it names.

// oxlint-disable-next-line unicorn/require-module-specifiers -- a module that exports nothing is what it is for
export {}
