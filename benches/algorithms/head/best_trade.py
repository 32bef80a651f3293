"""Profit of buying once and selling once later, for daily prices and a fee for the trade."""


def best_trade(prices, fee=1):
    cheapest = None
    profit = 0
    for price in prices:
        if cheapest is None or price < cheapest:
            cheapest = price
        profit = max(profit, price - cheapest - fee)
    return profit
