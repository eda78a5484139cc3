/** Where a browser of the system is, or undefined. `TSUGI_CHROMIUM` and `TSUGI_FIREFOX` name one by hand. */
export declare function systemBrowser(name: 'chromium' | 'firefox'): string | undefined
/** Makes sure that Chromium and Firefox are here. */
export declare function installBrowsers(): Promise<void>
