/** A Node that QUIC's native part loads into, or the reason why there is none. */
export declare function nodeOnNewerLibc(): { readonly node: string } | { readonly reason: string }
