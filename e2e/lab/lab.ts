import { ip, ipWithin, processesWithin, setKernel, within } from './commands.ts'
import { lineRules, routerRules } from './router-rules.ts'
import { type SiteKind, type SiteTraits, siteKinds } from './site-kinds.ts'
import { Site } from './site.ts'

/** Our namespaces' names: `tsugi-<process that made them>-<what>`. */
const ours = /^tsugi-(\d+)-/

/** Documentation addresses (RFC 5737, RFC 3849): nothing of the lab can be mistaken for a place in the world. */
const backbone = { gateway: '203.0.113.1', gateway6: '2001:db8::1' }
const maxSites = 60

/**
 * A public network and sites behind routers, made of network namespaces, veth pairs and nftables. Nothing of it is joined to the
 * machine's own network: the namespaces know each other alone.
 *
 * ```
 * internet: br0 203.0.113.1 ── wan [router] lan ── wan [site]
 *                           └─ wan [router] lan ── wan [inner router] lan ── wan [site]
 * ```
 */
export class Lab implements AsyncDisposable {
  readonly #prefix = `tsugi-${process.pid}-`
  readonly #namespaces: string[] = []
  readonly #onSignal: () => void
  #count = 0

  private constructor() {
    this.#onSignal = () => {
      void this[Symbol.asyncDispose]().finally(() => process.exit(130))
    }
  }

  /** Builds the public network. Removes first what labs have left whose process is gone. */
  static async create(): Promise<Lab> {
    await sweep()
    const lab = new Lab()
    process.once('SIGINT', lab.#onSignal)
    process.once('SIGTERM', lab.#onSignal)
    try {
      const internet = await lab.#namespace('internet')
      await ipWithin(
        internet,
        'link add br0 type bridge',
        `addr add ${backbone.gateway}/24 dev br0`,
        `addr add ${backbone.gateway6}/64 dev br0 nodad`,
        'link set br0 up',
      )
      await setKernel(internet, forwarding)
      return lab
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Adds a machine behind a router of this kind. */
  async addSite(name: string, kind: SiteKind): Promise<Site> {
    const traits: SiteTraits = siteKinds[kind]
    if (this.#count >= maxSites) throw new Error(`A lab has room for ${maxSites} sites.`)
    const index = (this.#count += 1)
    const namespace = await this.#namespace(name)
    const outer = await this.#namespace(`${name}-router`)
    const router = traits.layers === 1 ? outer : await this.#namespace(`${name}-inner`)
    const plan = planOf(index, traits)

    await this.#joinBackbone(index, outer, plan)
    if (router === outer) await joinLan(outer, namespace, plan)
    else {
      // What a provider does: the outer router hands out addresses of RFC 6598, and the inner one translates once more.
      await connect(outer, router)
      await ipWithin(outer, 'addr add 100.64.0.1/24 dev lan', 'link set lan up')
      await ipWithin(router, 'addr add 100.64.0.2/24 dev wan', 'link set wan up', 'route add default via 100.64.0.1')
      await setKernel(router, forwarding)
      await joinLan(router, namespace, plan)
      await within(outer, 'nft', [routerRules(traits, { inner: '100.64.0.2' })])
    }
    await within(router, 'nft', [routerRules(traits, { inner: plan.host })])
    if (traits.lossPercent !== undefined) await within(router, 'nft', [lineRules({ lossPercent: traits.lossPercent })])
    if (traits.kbitPerSecond !== undefined) await narrow(router, traits.kbitPerSecond)
    return new Site({
      name,
      traits,
      namespace,
      router,
      address: traits.ip4 ? plan.host : plan.host6,
      address6: traits.ip6 ? plan.host6 : undefined,
    })
  }

  /** Ends every program in it and takes it down. Safe to repeat. */
  async [Symbol.asyncDispose](): Promise<void> {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
    for (const namespace of this.#namespaces.splice(0)) await removeNamespace(namespace)
  }

  async #namespace(name: string): Promise<string> {
    const full = this.#prefix + name
    await ip(`netns add ${full}`)
    this.#namespaces.push(full)
    // Names are looked up nowhere: the lab has no name server, and the machine's own is out of reach.
    await ipWithin(full, 'link set lo up')
    return full
  }

  async #joinBackbone(index: number, router: string, plan: Plan): Promise<void> {
    const internet = `${this.#prefix}internet`
    await ip(`link add wan netns ${router} type veth peer name site${index} netns ${internet}`)
    await ipWithin(internet, `link set site${index} master br0`, `link set site${index} up`)
    await setKernel(router, forwarding)
    await ipWithin(
      router,
      `addr add ${plan.wan}/24 dev wan`,
      `addr add ${plan.wan6}/64 dev wan nodad`,
      'link set wan up',
      `route add default via ${backbone.gateway}`,
      `-6 route add default via ${backbone.gateway6}`,
    )
    if (plan.isPublic) await ipWithin(internet, `route add ${plan.network} via ${plan.wan}`)
    await ipWithin(internet, `-6 route add ${plan.network6} via ${plan.wan6}`)
  }
}

const forwarding = { 'net/ipv4/ip_forward': 1, 'net/ipv6/conf/all/forwarding': 1 }

/** Who has which address. */
interface Plan {
  readonly wan: string
  readonly wan6: string
  readonly isPublic: boolean
  readonly network: string
  readonly lan: string
  readonly host: string
  readonly prefixBits: number
  readonly hasIp4: boolean
  readonly hasIp6: boolean
  readonly network6: string
  readonly lan6: string
  readonly host6: string
}

function planOf(index: number, { nat, ip4, ip6 }: SiteTraits): Plan {
  const isPublic = nat === 'none'
  const base = index * 4
  const inner = (last: number): string => (isPublic ? `198.51.100.${base + last}` : `192.168.1.${last}`)
  const inner6 = (last: number): string => `2001:db8:0:${index.toString(16)}::${last}`
  return {
    wan: `203.0.113.${index + 1}`,
    wan6: `2001:db8::${(index + 1).toString(16)}`,
    isPublic: isPublic && ip4,
    network: `198.51.100.${base}/30`,
    lan: inner(1),
    host: inner(2),
    // Homes all have the same network, as in the world.
    prefixBits: isPublic ? 30 : 24,
    hasIp4: ip4,
    hasIp6: ip6,
    network6: `2001:db8:0:${index.toString(16)}::/64`,
    lan6: inner6(1),
    host6: inner6(2),
  }
}

async function connect(router: string, inner: string): Promise<void> {
  await ip(`link add lan netns ${router} type veth peer name wan netns ${inner}`)
}

async function joinLan(router: string, host: string, plan: Plan): Promise<void> {
  await connect(router, host)
  if (plan.hasIp4) await ipWithin(router, `addr add ${plan.lan}/${plan.prefixBits} dev lan`)
  if (plan.hasIp6) await ipWithin(router, `addr add ${plan.lan6}/64 dev lan nodad`)
  await ipWithin(router, 'link set lan up')
  if (plan.hasIp4) await ipWithin(host, `addr add ${plan.host}/${plan.prefixBits} dev wan`)
  if (plan.hasIp6) await ipWithin(host, `addr add ${plan.host6}/64 dev wan nodad`)
  await ipWithin(host, 'link set wan up')
  if (plan.hasIp4) await ipWithin(host, `route add default via ${plan.lan}`)
  if (plan.hasIp6) await ipWithin(host, `-6 route add default via ${plan.lan6}`)
}

async function narrow(router: string, kbitPerSecond: number): Promise<void> {
  for (const device of ['wan', 'lan']) {
    const shape = `rate ${kbitPerSecond}kbit burst 16kb latency 400ms`
    await within(router, 'tc', `qdisc add dev ${device} root tbf ${shape}`.split(' '))
  }
}

/** Takes away what labs have left whose process no longer runs. */
async function sweep(): Promise<void> {
  for (const line of (await ip('netns list')).split('\n')) {
    const [name = ''] = line.split(' ')
    const owner = Number(ours.exec(name)?.[1] ?? Number.NaN)
    if (!Number.isNaN(owner) && !isRunning(owner)) await removeNamespace(name)
  }
}

async function removeNamespace(namespace: string): Promise<void> {
  for (const pid of await processesWithin(namespace).catch(() => [])) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended meanwhile.
    }
  }
  await ip(`netns del ${namespace}`).catch(() => '')
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
