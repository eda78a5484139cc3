export { AskDialog, type Question } from './ask-dialog.ts'
