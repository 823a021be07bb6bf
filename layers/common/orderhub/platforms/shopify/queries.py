"""The GraphQL documents we send, checked by hand against the Admin schema.

Schema: https://shopify.dev/docs/api/admin-graphql. Each document has one operation with one root field. Page sizes keep
the largest (ORDER, some 700 points counting each page as full) under the 1,000 points that one query may cost.
"""

from __future__ import annotations

_LINES = """
      nodes {
        id name title sku quantity currentQuantity requiresShipping isGiftCard
        variant { id }
        customAttributes { key value }
        originalUnitPriceSet { shopMoney { amount } }
        taxLines { priceSet { shopMoney { amount } } }
        discountAllocations { allocatedAmountSet { shopMoney { amount } } discountApplication { index } }
      }
      pageInfo { hasNextPage endCursor }
"""

ORDER = (
    """
query Order($id: ID!) {
  order(id: $id) {
    id legacyResourceId name createdAt processedAt updatedAt cancelledAt cancelReason test note email phone sourceName
    displayFinancialStatus displayFulfillmentStatus currencyCode presentmentCurrencyCode taxesIncluded
    paymentGatewayNames
    customAttributes { key value }
    totalPriceSet { shopMoney { amount } }
    totalTaxSet { shopMoney { amount } }
    totalDiscountsSet { shopMoney { amount } }
    totalShippingPriceSet { shopMoney { amount } }
    totalTipReceivedSet { shopMoney { amount } }
    totalOutstandingSet { shopMoney { amount } }
    totalRefundedSet { shopMoney { amount } }
    currentTotalPriceSet { shopMoney { amount } }
    taxLines { channelLiable priceSet { shopMoney { amount } } }
    discountApplications(first: 20) {
      nodes {
        index
        ... on DiscountCodeApplication { code }
        ... on ManualDiscountApplication { title }
        ... on AutomaticDiscountApplication { title }
        ... on ScriptDiscountApplication { title }
      }
    }
    customer {
      legacyResourceId firstName lastName
      defaultEmailAddress { emailAddress }
      defaultPhoneNumber { phoneNumber }
    }
    shippingAddress {
      name company address1 address2 city zip province provinceCode country countryCodeV2 phone latitude longitude
    }
    billingAddress { name phone }
    retailLocation { legacyResourceId }
    fulfillments(first: 20) { id name status displayStatus trackingInfo(first: 10) { company number url } }
    fulfillmentOrders(first: 10) {
      nodes {
        id status
        deliveryMethod { methodType minDeliveryDateTime maxDeliveryDateTime }
        assignedLocation { name location { legacyResourceId } }
      }
    }
    lineItems(first: 40) {"""
    + _LINES
    + """    }
  }
}
"""
)

ORDER_LINES = (
    """
query OrderLines($id: ID!, $after: String!) {
  order(id: $id) {
    id
    lineItems(first: 40, after: $after) {"""
    + _LINES
    + """    }
  }
}
"""
)

ORDERS_UPDATED = """
query OrdersUpdated($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes { legacyResourceId updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""

SHOP = "query Shop { shop { name } }"

# What must be known of an order before anything is done to it.
ORDER_STATE = """
query OrderState($id: ID!) {
  order(id: $id) {
    id
    cancelledAt
    fulfillmentOrders(first: 20) {
      nodes {
        id
        status
        supportedActions { action }
        deliveryMethod { methodType }
        assignedLocation { name location { id } }
      }
    }
    fulfillments(first: 20) {
      id
      status
      displayStatus
      trackingInfo(first: 10) { company number url }
    }
  }
}
"""

TAGS_ADD = """
mutation TagsAdd($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) {
    node { id }
    userErrors { field message }
  }
}
"""

ORDER_CANCEL = """
mutation OrderCancel(
  $orderId: ID!
  $reason: OrderCancelReason!
  $restock: Boolean!
  $refundMethod: OrderCancelRefundMethodInput!
  $notifyCustomer: Boolean
  $staffNote: String
) {
  orderCancel(
    orderId: $orderId
    reason: $reason
    restock: $restock
    refundMethod: $refundMethod
    notifyCustomer: $notifyCustomer
    staffNote: $staffNote
  ) {
    job { id done }
    orderCancelUserErrors { code field message }
  }
}
"""

PREPARED_FOR_PICKUP = """
mutation PreparedForPickup($input: FulfillmentOrderLineItemsPreparedForPickupInput!) {
  fulfillmentOrderLineItemsPreparedForPickup(input: $input) {
    userErrors { code field message }
  }
}
"""

FULFILLMENT_CREATE = """
mutation FulfillmentCreate($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status }
    userErrors { field message }
  }
}
"""

FULFILLMENT_EVENT_CREATE = """
mutation FulfillmentEventCreate($fulfillmentEvent: FulfillmentEventInput!) {
  fulfillmentEventCreate(fulfillmentEvent: $fulfillmentEvent) {
    fulfillmentEvent { id status }
    userErrors { field message }
  }
}
"""

TRACKING_UPDATE = """
mutation TrackingUpdate($fulfillmentId: ID!, $trackingInfoInput: FulfillmentTrackingInput!, $notifyCustomer: Boolean) {
  fulfillmentTrackingInfoUpdate(
    fulfillmentId: $fulfillmentId
    trackingInfoInput: $trackingInfoInput
    notifyCustomer: $notifyCustomer
  ) {
    fulfillment { id status }
    userErrors { field message }
  }
}
"""

REFUNDABLE = """
query Refundable($id: ID!) {
  order(id: $id) {
    id currencyCode presentmentCurrencyCode
    transactions(first: 50) { id kind status gateway amountSet { shopMoney { amount } } }
  }
}
"""

# From version 2026-04 the directive must be there, though the schema does not say so:
# https://shopify.dev/changelog/making-idempotency-mandatory-for-inventory-adjustments-and-refund-mutations
REFUND_CREATE = """
mutation RefundCreate($input: RefundInput!, $idempotencyKey: String!) {
  refundCreate(input: $input) @idempotent(key: $idempotencyKey) {
    refund { id }
    userErrors { field message }
  }
}
"""

EDIT_BEGIN = """
mutation OrderEditBegin($id: ID!) {
  orderEditBegin(id: $id) {
    calculatedOrder {
      id
      lineItems(first: 100) { nodes { id quantity } }
    }
    userErrors { field message }
  }
}
"""

EDIT_SET_QUANTITY = """
mutation OrderEditSetQuantity($id: ID!, $lineItemId: ID!, $quantity: Int!, $restock: Boolean) {
  orderEditSetQuantity(id: $id, lineItemId: $lineItemId, quantity: $quantity, restock: $restock) {
    calculatedLineItem { id quantity }
    userErrors { field message }
  }
}
"""

EDIT_COMMIT = """
mutation OrderEditCommit($id: ID!, $notifyCustomer: Boolean, $staffNote: String) {
  orderEditCommit(id: $id, notifyCustomer: $notifyCustomer, staffNote: $staffNote) {
    order { id }
    userErrors { field message }
  }
}
"""

VARIANTS = """
query Variants($query: String!) {
  productVariants(first: 10, query: $query) {
    nodes { id sku inventoryPolicy inventoryItem { id tracked } }
  }
}
"""

INVENTORY_LEVEL = """
query InventoryLevel($id: ID!, $locationId: ID!, $names: [String!]!) {
  inventoryItem(id: $id) {
    id
    tracked
    inventoryLevel(locationId: $locationId) {
      quantities(names: $names) { name quantity }
    }
  }
}
"""

INVENTORY_SET = """
mutation InventorySet($input: InventorySetQuantitiesInput!, $idempotencyKey: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $idempotencyKey) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}
"""

INVENTORY_ACTIVATE = """
mutation InventoryActivate(
  $inventoryItemId: ID!, $locationId: ID!, $available: Int, $onHand: Int, $idempotencyKey: String!
) {
  inventoryActivate(
    inventoryItemId: $inventoryItemId, locationId: $locationId, available: $available, onHand: $onHand
  ) @idempotent(key: $idempotencyKey) {
    inventoryLevel { id }
    userErrors { field message }
  }
}
"""
