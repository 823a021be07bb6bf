"""Words that order documents are made of, in the order they come in: compression refers to them, and stores them not.

It makes documents of one or two kilobytes a third smaller than compression alone, which is what writing them costs.
What is stored cannot be read without exactly these bytes, so they never change.
https://www.rfc-editor.org/rfc/rfc1950#section-2.2 (FDICT, preset dictionary)
"""

from __future__ import annotations

# The rarest come first: what is near the end is referred to in the fewest bits.
WORDS = (
    b'"tax_number":"","phone_code":"","company":"","allergens":"","picked_quantity":"","edited":true,'
    b'"reservation":{"party_size":,"table":"","seating":""},"offer":"","is_test":true,"erased_at":"2026-",'
    b'"duplicate_of":"ord_","handed_to":"","enters_at":"2026-","scheduled_for":"2026-",'
    b'"status_reason":{"code":"","details":"","source_code":"","items":["itm_"]},'
    b'"refunds":[{"id":"rfd_","amount":,"items":{},"reason":"","state":"confirmed","detail":"","asked_by":"","at":"2026-"}]'
    b',"cart":{"state":"failed","version":,"detail":"","attempts":1,"at":"2026-"}'
    b',"tracking":[{"carrier":"","code":"","url":"https://"}],'
    b'"courier":{"name":"","phone":"","vehicle":"","status":"","eta":"2026-","lat":,"lng":-,"tracking_url":"https://"},'
    b'"checks":[{"code":"TOTAL_DIFFERS","message":"","expected":,"actual":}],'
    b'"discounts":[{"code":"","name":"","amount":,"funded_by":"platform","funded_by":"store"}],'
    b'"tax_in_prices":,"deposit":,"other_fees":,"driver_tip":,"delivery_fee":,"bag_fee":,"tax_remitted_by_platform":,'
    b'"address":{"line1":"","line2":"","city":"","region":"","postal_code":"","country":"US","lat":,"lng":-,'
    b'"instructions":""},"notes":"","include_cutlery":false,"brand":"",'
    b'{"id":"ord_","platform":"","connection_id":"con_","channel":"","external_id":"","display_id":"",'
    b'"store_id":"sto_","store_external_id":"","status":"picked_up","status_by":" (key_","fulfillment":"pickup",'
    b'"fulfillment":"delivery","delivered_by":"store","delivered_by":"platform","placed_at":"2026-",'
    b'"accept_by":"2026-","ready_at":"2026-","delivery_at":"2026-","prep_minutes":15,"promised_at":"2026-",'
    b'"customer":{"name":"","phone":"+1","email":"","external_id":""},'
    b'"items":[{"id":"itm_","external_id":"","sku":"","name":"","quantity":"2","unit_price":,"total":,"tax":,'
    b'"notes":"","category":"","modifiers":[{"id":"itm_","external_id":"","sku":"","name":"","quantity":"1",'
    b'"unit_price":0,"total":0}]},{"id":"itm_","external_id":"","sku":"","name":"","quantity":"1","unit_price":,'
    b'"total":,"tax":}],"amounts":{"currency":"USD","subtotal":,"tax":,"tax_included":false,"service_fee":0,"tip":0,'
    b'"discount":0,"total":,"computed":["subtotal","total"]},"payment":{"method":"online","method":"card",'
    b'"prepaid":true,"amount_due":0},"source_status":"incoming","source_version":"00000000000000000000",'
    b'"source":{"version":2,"times":{"completed":"2026-","picked_up":"2026-","ready":"2026-","bagging":"2026-",'
    b'"accepted":"2026-","incoming":"2026-T00:00:00.000000Z"},"created_at":"2026-","updated_at":"2026-",'
    b'"sync":{"state":"unsupported","state":"pending","version":2,"status":"accepted","detail":"","at":"2026-"}}'
)
