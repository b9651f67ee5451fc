/// <reference types="vite/client" />

/** True in development and test builds, false in a release: guards the HTTP and the fake host. */
declare const __TEST_HOSTS__: boolean;
