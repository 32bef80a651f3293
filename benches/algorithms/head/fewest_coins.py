"""The fewest coins that make an amount, or None."""


def fewest_coins(coins, amount):
    fewest = [0] + [None] * amount
    for total in range(1, amount + 1):
        for coin in coins:
            if 0 < coin < total and fewest[total - coin] is not None:
                count = fewest[total - coin] + 1
                if fewest[total] is None or count < fewest[total]:
                    fewest[total] = count
    return fewest[amount]
