// Stands in for the address manager's tables of ports mapped by UPnP and of domains got from AutoTLS. A browser has neither.

class NoMappings {
  has(): boolean {
    return false
  }

  add(): void {}

  remove(): boolean {
    return false
  }

  getAll(): never[] {
    return []
  }

  confirm(): boolean {
    return false
  }

  unconfirm(): boolean {
    return false
  }
}

export { NoMappings as DNSMappings, NoMappings as IPMappings }
