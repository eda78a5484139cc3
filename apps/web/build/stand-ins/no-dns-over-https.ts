// Stands in for @multiformats/dns: in a browser it resolves /dnsaddr addresses by asking public DNS-over-HTTPS servers. The page knows its
// relays by their URLs and asks nobody else.

export const RecordType = { A: 1, CNAME: 5, TXT: 16, AAAA: 28 }

export function dns(): { query(): Promise<never> } {
  return {
    query: () => Promise.reject(new Error('This page does not resolve /dnsaddr addresses; name the relay by its URL.')),
  }
}
