import { type AppId, type TopicName, defaultApp, parseAppId } from './ids.ts'
import { type Result, accept, refuse } from './result.ts'

const prefix = '/tsugi/1/'
const maxNameLength = 128

/** Reads an application's name for a topic: 1 to 128 printable ASCII characters without spaces. [T1] */
export function parseTopicName(text: string): Result<TopicName, 'topic/malformed-name'> {
  return text.length <= maxNameLength && /^[\x21-\x7e]+$/.test(text)
    ? accept(text as TopicName)
    : refuse('topic/malformed-name')
}

/** The topic as gossipsub carries it: `/tsugi/1/<app>/<name>`. [T2] */
export function wireTopic(app: AppId, name: TopicName): string {
  return `${prefix}${app}/${name}`
}

/** The app that a topic of the wire belongs to; topics of other software belong to the default app. [T3] */
export function appOfWireTopic(topic: string): AppId {
  if (!topic.startsWith(prefix)) return defaultApp
  const app = parseAppId(topic.slice(prefix.length, topic.indexOf('/', prefix.length)))
  return app.ok ? app.value : defaultApp
}
