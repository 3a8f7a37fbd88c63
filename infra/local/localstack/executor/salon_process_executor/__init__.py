"""Runs Lambda functions as child processes, for LocalStack and for `infra.local.invoke`.

`runtime_api` speaks the Lambda Runtime API to one child, `instance` owns that child, `pool` caps and reuses instances,
`settings` reads what the deployment wrote. None of these four imports LocalStack; `plugin` binds them to it.
"""
