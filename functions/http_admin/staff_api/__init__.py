"""The staff API, `/admin/v1`: one module of routes for each thing that a salon is made of."""
