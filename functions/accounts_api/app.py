"""Money, clients, the catalogue, retention and reconciliation: the operators' calls, and a tenant's on its own."""

from giftline.api import serve
from giftline.bootstrap import operators, upkeep, walleo

money = operators.accounts_door()
clients = walleo.walleo_clients_door()
catalogue = operators.catalogue_door()
retention = operators.retention_door()
reconciliation = upkeep.reconciliation_door()

app = serve(
    {
        "GET /v1/balances": money.balances,
        "GET /v1/entries": money.entries,
        "GET /v1/accounts/<tenant>/balances": money.balances_of,
        "GET /v1/accounts/<tenant>/entries": money.entries_of,
        "POST /v1/accounts/<tenant>/deposits": money.deposit,
        "POST /v1/accounts/<tenant>/withdrawals": money.withdraw,
        "PUT /v1/accounts/<tenant>/limits": money.set_limits,
        "PUT /v1/walleo_clients/<identifier>": clients.register,
        "GET /v1/walleo_clients/<identifier>": clients.show,
        "DELETE /v1/walleo_clients/<identifier>": clients.remove,
        "POST /v1/walleo_clients/<identifier>/keys": clients.renew_keys,
        "GET /v1/catalogue": catalogue.list,
        "PUT /v1/catalogue": catalogue.replace,
        "GET /v1/retention": retention.list,
        "PUT /v1/retention/<tenant>": retention.set,
        "GET /v1/retention/orders/<order_id>": retention.removal,
        "GET /v1/reconciliations": reconciliation.list,
        "GET /v1/reconciliations/<supplier>/<day>": reconciliation.show,
        "GET /v1/reconciliations/<supplier>/<day>/page": reconciliation.page,
        "POST /v1/reconciliations/<supplier>/top-ups": reconciliation.top_up,
    }
)

handler = app.resolve
