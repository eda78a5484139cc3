import './relay-dashboard.ts'
