// What libp2p's contract tests take from `aegir/chai`: chai with the plugins that they use.
import chai from 'chai'
import promises from 'chai-as-promised'
import bites from 'chai-bites'
import parentheses from 'chai-parentheses'

// The last one comes first: it lets every property of the others be called.
chai.use(promises)
chai.use(parentheses)
chai.use(bites)

export const { expect, assert } = chai
